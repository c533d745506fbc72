/** The slider: the schema after each migration, and what the migration changed. */

/** How many migrations have run in what is shown; undefined where the picture is that of now. @type {number | undefined} */
let shownStep;
const slider = /** @type {HTMLInputElement} */ (byId('step'));
const stepped = data.migrations.some(({ changes }) => changes.length > 0);

/** Every table that ever was, after so many migrations. @param {number} count */
function shapesAfter(count) {
  /** @type {Map<string, TableShape>} */
  const shapes = new Map();
  for (const { changes } of runOrder().slice(0, count)) {
    for (const { key, after } of changes) {
      if (after === undefined) shapes.delete(key);
      else shapes.set(key, after);
    }
  }
  return shapes;
}

/** The order of the replay: the applied ones come first. @returns {PageMigration[]} */
function runOrder() {
  const isApplied = (/** @type {PageMigration} */ { status }) => status === 'applied';
  const present = data.migrations.filter(({ status }) => status !== 'missing');
  return [...present.filter(isApplied), ...present.filter((each) => !isApplied(each))];
}

/** Shows the schema after a migration of the list. @param {number | undefined} count */
function goTo(count) {
  if (focused) leaveFocus();
  shownStep = count === undefined || !stepped ? undefined : count;
  slider.value = `${count ?? runOrder().length}`;
  applyStep();
  if (shownStep !== undefined) showView('diagram');
}

function applyStep() {
  const order = runOrder();
  const now = shownStep === undefined ? undefined : order[shownStep - 1];
  byId('now').setAttribute('aria-pressed', `${shownStep === undefined}`);
  byId('said').textContent = sayStep(now);
  if (shownStep === undefined) {
    for (const card of cards.values()) redraw(card, undefined, undefined);
    for (const { element } of links) element.classList.remove('gone');
    return;
  }
  const [before, after] = [shapesAfter(shownStep - 1), shapesAfter(shownStep)];
  for (const card of cards.values())
    redraw(card, { shape: before.get(card.table.key) }, { shape: after.get(card.table.key) });
  for (const { element, link } of links) {
    const has = (after.get(link.child)?.columns ?? []).some(
      ({ name }) => name === link.childColumns[0],
    );
    element.classList.toggle('gone', !has || !after.has(link.parent));
  }
}

/** @param {PageMigration | undefined} migration */
function sayStep(migration) {
  if (!stepped) return 'The migrations were not replayed.';
  if (shownStep === undefined) return 'Now';
  if (migration === undefined) return 'Before the first migration';
  const parts = migration.changes.map(
    ({ key, said }) => `${key.replace(/^public\./, '')} ${said.join('; ')}`,
  );
  return `After ${migration.name}: ${parts.join(' | ') || 'no change of a table'}`;
}

/**
 * A card as its table was after a migration, with what that changed; as it is now without.
 *
 * @param {Card} card
 * @param {{ shape: TableShape | undefined } | undefined} before
 * @param {{ shape: TableShape | undefined } | undefined} after
 */
function redraw({ element, table, home }, before, after) {
  const [old, now] = [before?.shape, after?.shape];
  const isThere = after === undefined || old !== undefined || now !== undefined;
  element.classList.toggle('gone', !isThere);
  element.classList.toggle('added', after !== undefined && old === undefined && now !== undefined);
  element.classList.toggle('removed', old !== undefined && now === undefined);
  const changed =
    old !== undefined && now !== undefined && JSON.stringify(old) !== JSON.stringify(now);
  element.classList.toggle('changed', changed);
  const rows = element.querySelector('.rows');
  if (rows === null || !isThere) return;
  if (after === undefined) {
    if (rows.classList.contains('redrawn'))
      rows.replaceWith(/** @type {Element} */ (originals.get(table.key)));
    return;
  }
  const drawn = svgEl('g', { class: 'rows redrawn' });
  if (!originals.has(table.key)) originals.set(table.key, rows);
  rowsBetween(old, now).forEach(({ column, state }, position) => {
    drawRow(drawn, column, state, position, home.width);
  });
  rows.replaceWith(drawn);
}

/** The rows that were drawn when the page was written. @type {Map<string, Element>} */
const originals = new Map();

/** @param {TableShape | undefined} old @param {TableShape | undefined} now */
function rowsBetween(old, now) {
  const current = now?.columns ?? [];
  const names = new Set(current.map(({ name }) => name));
  const gone = (old?.columns ?? []).filter(({ name }) => !names.has(name));
  const stateOf = (/** @type {{ name: string }} */ column) => {
    if (old === undefined) return '';
    const was = old.columns.find(({ name }) => name === column.name);
    if (was === undefined) return 'added';
    return JSON.stringify(was) === JSON.stringify(column) ? '' : 'changed';
  };
  return [
    ...current.map((column) => ({ column, state: stateOf(column) })),
    ...gone.map((column) => ({ column, state: 'removed' })),
  ].slice(0, metrics.rows);
}

/**
 * @param {SVGElement} group
 * @param {import('../../src/page/document/page-document').PageColumn} column
 * @param {string} state
 * @param {number} position
 * @param {number} width
 */
function drawRow(group, column, state, position, width) {
  const { header = 0, row = 0, padding = 0, keys = 0, name: most = 0 } = metrics;
  const y = header + (position + 0.5) * row + 4;
  const mark = column.primaryKey ? 'PK' : column.foreignKey ? 'FK' : '';
  const shown = [...column.name];
  const text = shown.length > most ? `${shown.slice(0, most - 1).join('')}…` : column.name;
  group.append(
    svgEl('text', { class: `key ${state}`, x: padding, y }, mark),
    svgEl('text', { class: `col ${state}`, x: padding + keys, y }, text),
  );
  const room = (width - 2 * padding - keys) / (metrics.character ?? 7) - text.length - 2;
  const type = column.type
    .replace('character varying', 'varchar')
    .replace('timestamp with time zone', 'timestamptz');
  if (type.length <= room)
    group.append(svgEl('text', { class: `type ${state}`, x: width - padding, y }, type));
}
