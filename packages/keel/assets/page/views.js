/** The lists beside the picture: everything that is drawn as tables, the migrations, the drift. */

/** Which of the views is seen. */
let shownView = 'diagram';

/** @param {string} name */
function showView(name) {
  shownView = name;
  for (const each of ['diagram', 'tables', 'migrations', 'drift'])
    byId(`view-${each}`).setAttribute('aria-pressed', `${each === name}`);
  byId('picture').hidden = name !== 'diagram';
  const list = byId('list');
  list.hidden = name === 'diagram';
  const views = { tables: tableView, migrations: migrationView, drift: driftView };
  if (name === 'tables' || name === 'migrations' || name === 'drift')
    list.replaceChildren(...views[name]());
}

function tableView() {
  const show = (/** @type {string} */ key) => {
    const table = tableOf(key);
    return table === undefined ? key : button(nameOf(table), () => reveal(key));
  };
  return [
    ...sideNotes(),
    grid(
      'Tables',
      ['Table', 'Model', 'Columns', 'Rows', 'Notes'],
      data.tables.map((table) => [
        show(table.key),
        table.models.join(', ') || '–',
        table.columns.map(({ name }) => name).join(', '),
        table.rows === undefined ? '–' : `${table.estimated ? '≈ ' : ''}${table.rows}`,
        [...(table.junction ? ['junction'] : []), ...table.drift].join('; '),
      ]),
    ),
    grid(
      'Associations and foreign keys',
      ['Kind', 'Table', 'Refers to', 'In the models', 'Columns and actions'],
      data.links.map((link) => [
        link.kind,
        show(link.child),
        show(link.parent),
        link.labels.join(', ') || '–',
        linkText(link),
      ]),
    ),
  ];
}

/** What each side is, or why it is not there. */
function sideNotes() {
  const sides = /** @type {const} */ ([
    ['Models', data.models],
    ['Migrations', data.migrationsSide],
    ['Database', data.database],
  ]);
  return [
    el(
      'p',
      {},
      ...sides.flatMap(([title, { read, text }]) => [
        el('span', read ? {} : { class: 'warn' }, `${title}: ${text}`),
        el('br'),
      ]),
    ),
  ];
}

function migrationView() {
  const order = runOrder();
  return [
    grid(
      'Migrations',
      ['Migration', 'State', 'Batch', 'When (UTC)', 'Who', 'Took', 'Changes', 'Locks'],
      data.migrations.map((migration) => [
        order.includes(migration) && stepped
          ? button(migration.name, () => goTo(order.indexOf(migration) + 1))
          : migration.name,
        `${migration.status}${migration.changedFile ? ', file changed' : ''}`,
        migration.batch === undefined ? '–' : `${migration.batch}`,
        migration.appliedAt?.replace('T', ' ').slice(0, 16) ?? '–',
        migration.appliedBy ?? '–',
        migration.durationMs === undefined ? '–' : `${migration.durationMs} ms`,
        el(
          'div',
          {},
          ...migration.changes.map(({ key, said }) =>
            el('div', {}, `${key.replace(/^public\./, '')}: ${said.join('; ')}`),
          ),
          ...(migration.statements === undefined
            ? []
            : [
                fold(
                  `${migration.statements.length} statements`,
                  ...migration.statements.map((sql) => el('pre', {}, sql)),
                ),
              ]),
        ),
        el('div', {}, ...(migration.locks ?? []).map((lock) => el('div', {}, lockText(lock)))),
      ]),
    ),
  ];
}

/** A lock on a table that was there before, and who waits for it. @param {import('../../src/page/document/page-document').PageLock} lock */
function lockText({ table, mode }) {
  const waits =
    mode === 'ACCESS EXCLUSIVE'
      ? ': readers and writers wait'
      : mode === 'SHARE UPDATE EXCLUSIVE'
        ? ': nobody waits'
        : ': writers wait';
  return `${table.replace(/^public\./, '')} ${mode}${waits}`;
}

function driftView() {
  const { drift } = data;
  if (drift === undefined) return [...sideNotes(), el('p', {}, 'The sides were not compared.')];
  const lines = (/** @type {readonly { table?: string, text: string }[]} */ list) =>
    list.map(({ table, text }) => [table ?? '–', text]);
  return [
    ...sideNotes(),
    ...drift.failed.map((text) => el('p', { class: 'warn' }, text)),
    grid('Models and migrations differ', ['Table', 'Difference'], lines(drift.models)),
    grid('Database and migrations differ', ['Table', 'Difference'], lines(drift.database)),
    grid('Worth knowing', ['Table', 'Notice'], lines(drift.notices)),
  ];
}
