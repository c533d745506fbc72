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
  extra.replaceChildren();
  if (shownStep === undefined) {
    for (const card of cards.values()) redraw(card, undefined, undefined);
    for (const { element } of links) element.classList.remove('gone', 'added', 'removed');
    return;
  }
  const [before, after] = [shapesAfter(shownStep - 1), shapesAfter(shownStep)];
  for (const card of cards.values())
    redraw(card, { shape: before.get(card.table.key) }, { shape: after.get(card.table.key) });
  redrawLines(before, after);
}

/**
 * The lines of then: those that are still there as they are drawn, the others straight from card to card.
 *
 * @param {Map<string, TableShape>} before
 * @param {Map<string, TableShape>} after
 */
function redrawLines(before, after) {
  const [old, now] = [linksOf(before), linksOf(after)];
  for (const { element, link } of links) {
    const id = idOf(link);
    // An association without a foreign key is in no migration: it is there as soon as its column is.
    const has = link.marks.includes('no foreign key')
      ? hasEnds(link, after)
      : now.has(id) || old.has(id);
    element.classList.toggle('gone', !has);
    element.classList.toggle('added', now.has(id) && !old.has(id));
    element.classList.toggle('removed', old.has(id) && !now.has(id));
    old.delete(id);
    now.delete(id);
  }
  for (const [id, link] of new Map([...old, ...now])) {
    const line = drawDirect(link);
    line.classList.toggle('added', !old.has(id));
    line.classList.toggle('removed', !now.has(id));
    extra.append(line);
  }
}

/** The foreign keys of these tables as lines. @param {Map<string, TableShape>} shapes */
function linksOf(shapes) {
  /** @type {Map<string, PageLink>} */
  const found = new Map();
  for (const [child, { foreignKeys }] of shapes) {
    for (const { columns, parent, parentColumns } of foreignKeys) {
      const link = {
        ...{ id: '', kind: /** @type {const} */ ('1:N'), labels: [], marks: [] },
        ...{ child, childColumns: columns, parent, parentColumns, optional: true, reversed: false },
      };
      if (shapes.has(parent)) found.set(idOf(link), link);
    }
  }
  return found;
}

/** @param {PageLink} link */
function idOf({ child, childColumns, parent, parentColumns }) {
  return JSON.stringify([child, childColumns, parent, parentColumns]);
}

/** @param {PageLink} link @param {Map<string, TableShape>} shapes */
function hasEnds({ child, childColumns, parent }, shapes) {
  const columns = shapes.get(child)?.columns ?? [];
  return shapes.has(parent) && columns.some(({ name }) => name === childColumns[0]);
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
  const isFormer = element.classList.contains('former');
  const isThere = after === undefined ? !isFormer : old !== undefined || now !== undefined;
  element.classList.toggle('gone', !isThere);
  element.classList.toggle('added', after !== undefined && old === undefined && now !== undefined);
  element.classList.toggle('removed', old !== undefined && now === undefined);
  const changed =
    old !== undefined && now !== undefined && JSON.stringify(old) !== JSON.stringify(now);
  element.classList.toggle('changed', changed);
  const present = element.querySelector('.rows');
  if (present === null || !isThere) return;
  if (after === undefined) {
    if (present.classList.contains('redrawn'))
      present.replaceWith(/** @type {Element} */ (originals.get(table.key)));
    return;
  }
  const drawn = svgEl('g', { class: 'rows redrawn' });
  if (!originals.has(table.key)) originals.set(table.key, present);
  fitRows(rowsBetween(old, now), home).forEach(({ column, state }, position) => {
    drawRow(drawn, column, state, position, home.width);
  });
  present.replaceWith(drawn);
}

/**
 * As many as the card has room for. Where the table was longer then, what has changed comes first.
 *
 * @template {{ state: string }} Row
 * @param {Row[]} rows
 * @param {Box} home
 * @returns {(Row | { column: PageColumn, state: string })[]}
 */
function fitRows(rows, { height }) {
  const { header = 0, row = 0, foot = 0 } = metrics;
  const room = Math.round((height - header - foot) / row);
  if (rows.length <= room) return rows;
  const first = [...rows].sort((a, b) => Number(b.state !== '') - Number(a.state !== ''));
  const name = `… ${rows.length - room + 1} more columns`;
  const rest = {
    name,
    type: '',
    notNull: true,
    primaryKey: false,
    foreignKey: false,
    unique: false,
  };
  return [...first.slice(0, room - 1), { column: rest, state: '' }];
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
  ];
}

/**
 * @param {SVGElement} group
 * @param {PageColumn} column
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
