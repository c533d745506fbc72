/** Cards for the tables that a migration has dropped, in rows below the picture. They are seen on the slider alone. */
function addFormerCards() {
  /** @type {Map<string, TableShape>} */
  const former = new Map();
  for (const { changes } of data.migrations) {
    for (const { key, before } of changes)
      if (before !== undefined && !cards.has(key)) former.set(key, before);
  }
  let [x, y, tall] = [0, size.height + 40, 0];
  for (const shape of former.values()) {
    const { header = 0, row = 0, foot = 0, rows = 0 } = metrics;
    const home = {
      x,
      y,
      width: 300,
      height: header + Math.min(rows, shape.columns.length) * row + foot,
    };
    if (x > 0 && x + home.width > size.width) {
      y += tall + 30;
      [home.x, home.y, tall] = [0, y, 0];
    }
    x = home.x + home.width + 30;
    tall = Math.max(tall, home.height);
    addFormerCard(shape, home);
  }
}

/** @param {TableShape} shape @param {Box} home */
function addFormerCard(shape, home) {
  const { header = 0, padding = 0 } = metrics;
  const { width, height } = home;
  const element = /** @type {SVGGElement} */ (
    svgEl('g', { class: 'card former gone', transform: `translate(${home.x} ${home.y})` })
  );
  const name = nameOf(shape);
  const short = [...name].length > 30 ? `${[...name].slice(0, 29).join('')}…` : name;
  element.append(
    svgEl('title', {}, `table ${name}, dropped by a migration`),
    svgEl('rect', { class: 'box', width, height, rx: 7 }),
    svgEl('path', {
      class: 'head',
      d: `M0 ${header}V7a7 7 0 0 1 7-7H${width - 7}a7 7 0 0 1 7 7V${header}Z`,
    }),
    svgEl('text', { class: 'title', x: padding, y: 19 }, short),
    svgEl('text', { class: 'sub', x: padding, y: 36 }, 'dropped since'),
    svgEl('g', { class: 'rows' }),
    svgEl('text', { class: 'far', x: width / 2, y: height / 2, 'font-size': 30 }, short),
  );
  byId('cards').append(element);
  const table = {
    ...shape,
    ...{
      models: [],
      junction: false,
      modelColumns: [],
      inMigrations: true,
      migrations: [],
      drift: [],
    },
  };
  cards.set(shape.key, { element, table, home, box: home });
}
