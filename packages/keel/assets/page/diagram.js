/** The cards and lines of the picture, what is chosen, and the view of a table with its neighbours. */

/** @typedef {{ element: SVGGElement, table: PageTable, home: Box, box: Box }} Card */

/** @type {Map<string, Card>} */
const cards = new Map();
/** @type {{ element: SVGGElement, link: PageLink }[]} */
const links = [];
/** The key of the chosen table. @type {string | undefined} */
let chosen;
/** Whether the neighbours of the chosen table are shown alone. */
let focused = false;

const extra = svgEl('g', { id: 'extra' });

function readDiagram() {
  for (const element of /** @type {NodeListOf<SVGGElement>} */ (svg.querySelectorAll('.card'))) {
    const table = data.tables[Number(element.dataset.table)];
    const box = element.querySelector('.box');
    const place = /translate\(([-\d.]+) ([-\d.]+)\)/.exec(element.getAttribute('transform') ?? '');
    if (table === undefined || box === null || place === null) continue;
    const home = {
      x: Number(place[1]),
      y: Number(place[2]),
      width: Number(box.getAttribute('width')),
      height: Number(box.getAttribute('height')),
    };
    cards.set(table.key, { element, table, home, box: home });
    element.addEventListener('click', () => {
      if (!moved) choose(table.key);
    });
    element.addEventListener('dblclick', () => focusOn(table.key));
  }
  for (const element of /** @type {NodeListOf<SVGGElement>} */ (svg.querySelectorAll('.link'))) {
    const link = data.links[Number(element.dataset.link)];
    if (link !== undefined) links.push({ element, link });
  }
  world.append(extra);
}

/** @param {string} key */
function neighboursOf(key) {
  const touching = data.links.filter(({ child, parent }) => child === key || parent === key);
  return new Set([key, ...touching.flatMap(({ child, parent }) => [child, parent])]);
}

/** Marks a table, dims what it has nothing to do with, and shows its page. @param {string | undefined} key */
function choose(key) {
  chosen = key;
  if (focused) leaveFocus();
  const near = key === undefined ? undefined : neighboursOf(key);
  for (const [each, { element }] of cards) {
    element.classList.toggle('chosen', each === key);
    element.classList.toggle('dim', near !== undefined && !near.has(each));
    element.setAttribute('tabindex', each === (key ?? data.tables[0]?.key) ? '0' : '-1');
  }
  for (const { element, link } of links) {
    const touches = link.child === key || link.parent === key;
    element.classList.toggle('chosen', touches);
    element.classList.toggle('dim', near !== undefined && !touches);
  }
  showPanel(key);
  location.replace(key === undefined ? '#' : `#table=${encodeURIComponent(key)}`);
}

/** The table in the middle, what it refers to on its left, what refers to it on its right. @param {string} key */
function focusOn(key) {
  if (chosen !== key) choose(key);
  const middle = cards.get(key);
  if (middle === undefined) return;
  focused = true;
  const all = [...neighboursOf(key)].filter((each) => each !== key);
  const isParent = (/** @type {string} */ each) =>
    data.links.some(({ child, parent }) => child === key && parent === each);
  const left = stack(all.filter(isParent));
  const right = stack(all.filter((each) => !isParent(each)));
  const gap = 280;
  const { width, height } = middle.home;
  placeAt(middle, { x: 0, y: -height / 2 });
  for (const { card, x, y } of left.places)
    placeAt(card, { x: x - left.width - gap, y: y - left.height / 2 });
  for (const { card, x, y } of right.places)
    placeAt(card, { x: x + width + gap, y: y - right.height / 2 });
  const near = neighboursOf(key);
  for (const [each, { element }] of cards) element.classList.toggle('gone', !near.has(each));
  for (const { element } of links) element.classList.add('gone');
  extra.replaceChildren(
    ...data.links.filter(({ child, parent }) => child === key || parent === key).map(drawDirect),
  );
  const tall = Math.max(height, left.height, right.height);
  showBox({
    x: left.places.length > 0 ? -left.width - gap : 0,
    y: -tall / 2,
    width:
      width +
      (left.places.length > 0 ? left.width + gap : 0) +
      (right.places.length > 0 ? right.width + gap : 0),
    height: tall,
  });
  updateButtons();
}

function leaveFocus() {
  focused = false;
  extra.replaceChildren();
  for (const card of cards.values()) {
    placeAt(card, card.home);
    card.element.classList.remove('gone');
  }
  for (const { element } of links) element.classList.remove('gone');
  applyStep();
  updateButtons();
}

/** Cards below each other, in as many columns as make a readable whole. @param {string[]} keys */
function stack(keys) {
  const columns = Math.max(1, Math.ceil(Math.sqrt(keys.length / 6)));
  const each = Math.ceil(keys.length / columns);
  /** @type {{ card: Card, x: number, y: number }[]} */
  const places = [];
  let [x, tall] = [0, 0];
  for (let column = 0; column < columns; column += 1) {
    let [y, wide] = [0, 0];
    for (const key of keys.slice(column * each, (column + 1) * each)) {
      const card = cards.get(key);
      if (card === undefined) continue;
      places.push({ card, x, y });
      y += card.home.height + 30;
      wide = Math.max(wide, card.home.width);
    }
    tall = Math.max(tall, y - 30);
    x += wide + 60;
  }
  return { places, width: Math.max(0, x - 60), height: Math.max(0, tall) };
}

/** @param {Card} card @param {{ x: number, y: number }} place */
function placeAt(card, { x, y }) {
  card.box = { ...card.home, x, y };
  card.element.setAttribute('transform', `translate(${x} ${y})`);
}

/** A line between two cards that stand beside each other, with what the models call it. @param {PageLink} link */
function drawDirect(link) {
  const [child, parent] = [cards.get(link.child), cards.get(link.parent)];
  const group = svgEl('g', {
    class: `link ${{ '1:1': 'one', '1:N': 'many', 'N:M': 'cross' }[link.kind]} ${link.marks.map((mark) => mark.replaceAll(' ', '-')).join(' ')}`,
  });
  if (child === undefined || parent === undefined) return group;
  const from = { x: child.box.x, y: child.box.y + rowMiddle(child.table, link.childColumns[0]) };
  const to = { x: parent.box.x, y: parent.box.y + rowMiddle(parent.table, link.parentColumns[0]) };
  const leftward = child === parent || parent.box.x >= child.box.x;
  if (leftward) from.x += child.box.width;
  if (child === parent || !leftward) to.x += parent.box.width;
  const bend = child === parent ? 90 : (to.x - from.x) / 2;
  const [c1, c2] = [from.x + bend, child === parent ? to.x + bend : to.x - bend];
  group.append(
    svgEl('path', {
      class: 'wire',
      d: `M${from.x} ${from.y}C${c1} ${from.y} ${c2} ${to.y} ${to.x} ${to.y}`,
    }),
    svgEl('path', { class: 'foot', d: feet(from, leftward ? 1 : -1, link.kind !== '1:1') }),
    svgEl('path', { class: 'foot', d: feet(to, child === parent || !leftward ? 1 : -1, false) }),
  );
  const [x, y] = [(from.x + to.x) / 2 + (child === parent ? 75 : 0), (from.y + to.y) / 2];
  const lines = [link.kind, ...link.labels, ...link.marks.map((mark) => `⚠ ${mark}`)];
  lines.forEach((text, position) => {
    group.append(
      svgEl('text', { class: 'name', x, y: y - 8 - (lines.length - 1 - position) * 15 }, text),
    );
  });
  return group;
}

/** @param {{ x: number, y: number }} at @param {number} direction @param {boolean} many */
function feet({ x, y }, direction, many) {
  const tip = x + 12 * direction;
  return many ? `M${x} ${y - 6}L${tip} ${y}L${x} ${y + 6}` : `M${x + 6 * direction} ${y - 5}v10`;
}

/** As `rowMiddle` of measure-card.ts. @param {TableShape} table @param {string | undefined} column */
function rowMiddle({ columns }, column) {
  const position = columns.findIndex(({ name }) => name === column);
  const { header = 0, row = 0, rows = 0 } = metrics;
  return position < 0 ? header / 2 : header + (Math.min(position, rows - 1) + 0.5) * row;
}

/** Moves to the nearest card in a direction. @param {number} dx @param {number} dy */
function step(dx, dy) {
  const here = cards.get(chosen ?? '');
  if (here === undefined) return;
  const middle = (/** @type {Box} */ { x, y, width, height }) => ({
    x: x + width / 2,
    y: y + height / 2,
  });
  const from = middle(here.box);
  /** @type {{ key: string, cost: number } | undefined} */
  let best;
  for (const [key, { box, element }] of cards) {
    if (key === chosen || element.classList.contains('gone')) continue;
    const to = middle(box);
    const along = (to.x - from.x) * dx + (to.y - from.y) * dy;
    const aside = Math.abs((to.x - from.x) * dy) + Math.abs((to.y - from.y) * dx);
    if (along <= 0 || aside > along * 2) continue;
    const cost = along + aside * 2;
    if (best === undefined || cost < best.cost) best = { key, cost };
  }
  if (best !== undefined) reveal(best.key);
}

/** Chooses a table and brings it into sight. @param {string} key */
function reveal(key) {
  choose(key);
  const card = cards.get(key);
  if (card === undefined) return;
  showView('diagram');
  showBox(card.box, Math.max(0.8, camera.scale));
  card.element.focus({ preventScroll: true });
}
