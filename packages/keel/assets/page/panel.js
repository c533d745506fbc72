/** A table's page, beside the picture. */

/** @param {string | undefined} key */
function showPanel(key) {
  const panel = byId('panel');
  const table = key === undefined ? undefined : tableOf(key);
  panel.hidden = table === undefined;
  if (table === undefined) {
    panel.replaceChildren();
    return;
  }
  panel.replaceChildren(
    el(
      'div',
      {},
      button('Neighbours (f)', () => (focused ? leaveFocus() : focusOn(table.key))),
      ' ',
      button('Close (Esc)', () => choose(undefined)),
    ),
    el('h2', {}, nameOf(table)),
    el('p', { class: 'soft' }, summaryOf(table)),
    ...(table.comment === undefined ? [] : [el('p', {}, table.comment)]),
    ...driftOf(table),
    columnGrid(table),
    ...listOf('Constraints', (liveOf(table) ?? table).constraints),
    ...listOf('Indexes', (liveOf(table) ?? table).indexes),
    ...linkList(table),
    ...associationsOf(table),
    ...migrationsOf(table),
  );
  panel.scrollTop = 0;
}

/** The table as the database has it. @param {PageTable} table @returns {TableShape | undefined} */
function liveOf(table) {
  return table.live === 'as drawn' ? table : table.live;
}

/** @param {PageTable} table */
function summaryOf(table) {
  const { models, rows, estimated, bytes, junction, inMigrations, live } = table;
  return [
    models.length === 0
      ? data.models.read
        ? 'no model'
        : 'models not read'
      : `model ${models.join(', ')}`,
    ...(junction ? ['junction'] : []),
    ...(rows === undefined
      ? []
      : [`${estimated ? 'about ' : ''}${rows.toLocaleString('en')} rows`]),
    ...(bytes === undefined ? [] : [sizeText(bytes)]),
    ...(data.migrationsSide.read && !inMigrations ? ['in no migration'] : []),
    ...(data.database.read && live === undefined ? ['not in the database'] : []),
  ].join(' · ');
}

/** @param {number} bytes */
function sizeText(bytes) {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes, 0];
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** @param {PageTable} table */
function driftOf({ drift }) {
  if (drift.length === 0) return [];
  return [
    el('h3', { class: 'warn' }, 'What db:check finds'),
    el('ul', {}, ...drift.map((text) => el('li', {}, text))),
  ];
}

/** Each column as the model, the migrations and the database have it. @param {PageTable} table */
function columnGrid(table) {
  const built = table.inMigrations ? table.columns : [];
  const live = liveOf(table)?.columns ?? [];
  const names = [
    ...new Set([...table.columns, ...live, ...table.modelColumns].map(({ name }) => name)),
  ];
  const sides = [
    ...(data.models.read ? ['Model'] : []),
    ...(data.migrationsSide.read ? ['Migrations'] : []),
    ...(data.database.read ? ['Database'] : []),
  ];
  return grid(
    'Columns',
    ['Column', ...sides],
    names.map((name) => {
      const declared = table.modelColumns.filter((column) => column.name === name);
      const [first, second] = [built, live].map((list) =>
        columnText(list.find((column) => column.name === name)),
      );
      const differs = data.migrationsSide.read && data.database.read && first !== second;
      return [
        el('code', {}, name),
        ...(data.models.read ? [declared.map(modelText).join('; ') || '–'] : []),
        ...(data.migrationsSide.read ? [first ?? '–'] : []),
        ...(data.database.read
          ? [el('span', differs ? { class: 'differs' } : {}, second ?? '–')]
          : []),
      ];
    }),
  );
}

/** @param {PageColumn | undefined} column */
function columnText(column) {
  if (column === undefined) return '–';
  return [
    column.type,
    column.notNull ? 'NOT NULL' : '',
    column.default === undefined ? '' : `default ${column.default}`,
    column.primaryKey ? 'PK' : '',
    column.comment === undefined ? '' : `“${column.comment}”`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** @param {import('../../src/page/document/page-document').ModelColumn} column */
function modelText({ attribute, name, type, notNull, default: value }) {
  const renamed = attribute === name ? '' : `${attribute}: `;
  return `${renamed}${type}${notNull ? ' NOT NULL' : ''}${value === undefined ? '' : ` default ${value}`}`;
}

/** @param {string} title @param {readonly string[]} texts */
function listOf(title, texts) {
  if (texts.length === 0) return [];
  return [
    el('h3', {}, title),
    el('ul', {}, ...texts.map((text) => el('li', {}, el('code', {}, text)))),
  ];
}

/** @param {PageTable} table */
function linkList({ key }) {
  const touching = data.links.filter(({ child, parent }) => child === key || parent === key);
  if (touching.length === 0) return [];
  return [
    el('h3', {}, 'Lines'),
    el(
      'ul',
      {},
      ...touching.map((link) => {
        const other = link.child === key ? link.parent : link.child;
        const table = tableOf(other);
        return el(
          'li',
          {},
          `${link.kind} `,
          button(table === undefined ? other : nameOf(table), () => reveal(other)),
          ` ${linkText(link)}`,
        );
      }),
    ),
  ];
}

/** @param {PageLink} link */
function linkText({ childColumns, parentColumns, onDelete, onUpdate, marks, child, parent }) {
  const ends = [child, parent]
    .map((key) => tableOf(key))
    .map((table) => (table === undefined ? '?' : nameOf(table)));
  const actions = onDelete === undefined ? '' : `, on delete ${onDelete}, on update ${onUpdate}`;
  const warn = marks.length === 0 ? '' : ` ⚠ ${marks.join(', ')}`;
  return `${ends[0]}(${childColumns.join(', ')}) → ${ends[1]}(${parentColumns.join(', ')})${actions}${warn}`;
}

/** How the associations of a table's models are used. @param {PageTable} table */
function associationsOf({ key }) {
  const own = data.associations.filter(({ sourceTable }) => sourceTable === key);
  return own.flatMap((association) => {
    const { code, include, sql, calls, source } = association;
    return [
      el('h3', {}, association.label.join(', ')),
      el('pre', {}, code),
      grid(
        'Calls',
        ['Code', 'Type'],
        calls.map((call) => [el('code', {}, call.code), el('code', {}, call.type)]),
      ),
      el('pre', {}, `await ${source}.findAll({ include: ${include} });`),
      ...(sql === undefined ? [] : [fold('The SQL of this include', el('pre', {}, sql))]),
      fold(
        'Declarations for TypeScript',
        el('pre', {}, calls.map(({ declaration }) => declaration).join('\n')),
      ),
    ];
  });
}

/** @param {string} title @param {Node[]} children */
function fold(title, ...children) {
  return el('details', {}, el('summary', {}, title), ...children);
}

/** @param {PageTable} table */
function migrationsOf({ migrations, key }) {
  if (migrations.length === 0) return [];
  return [
    el('h3', {}, 'Migrations'),
    el(
      'ul',
      {},
      ...migrations.map((name) => {
        const step = data.migrations.findIndex((migration) => migration.name === name);
        const change = data.migrations[step]?.changes.find((each) => each.key === key);
        return el(
          'li',
          {},
          button(name, () => goTo(step + 1)),
          ` ${change?.said.join('; ') ?? ''}`,
        );
      }),
    ),
  ];
}
