/** The cards and lines of the picture, and what is chosen. */

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
  // Below the cards, so that a line that is drawn straight passes behind them.
  byId('cards').before(extra);
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

/** @param {Card} card @param {{ x: number, y: number }} place */
function placeAt(card, { x, y }) {
  card.box = { ...card.home, x, y };
  card.element.setAttribute('transform', `translate(${x} ${y})`);
}

/** A line straight from card to card. @param {PageLink} link */
function drawDirect(link) {
  const [child, parent] = [cards.get(link.child), cards.get(link.parent)];
  const group = svgEl('g', {
    class: `link ${{ '1:1': 'one', '1:N': 'many', 'N:M': 'cross' }[link.kind]} ${link.marks.map((mark) => mark.replaceAll(' ', '-')).join(' ')}`,
  });
  if (child === undefined || parent === undefined) return group;
  const [near, far] = [child.box, parent.box];
  const from = { x: near.x, y: near.y + rowMiddle(child.table, link.childColumns[0]) };
  const to = { x: far.x, y: far.y + rowMiddle(parent.table, link.parentColumns[0]) };
  // Cards above each other are joined round their right sides, and so is a card with itself.
  const isAbove = near.x < far.x + far.width && far.x < near.x + near.width;
  const [out, back] = isAbove ? [1, 1] : near.x < far.x ? [1, -1] : [-1, 1];
  if (out > 0) from.x += near.width;
  if (back > 0) to.x += far.width;
  const bend = isAbove ? 90 : Math.abs(to.x - from.x) / 2;
  const [c1, c2] = [from.x + bend * out, to.x + bend * back];
  group.append(
    svgEl('path', {
      class: 'wire',
      d: `M${from.x} ${from.y}C${c1} ${from.y} ${c2} ${to.y} ${to.x} ${to.y}`,
    }),
    svgEl('path', { class: 'foot', d: feet(from, out, link.kind !== '1:1') }),
    svgEl('path', { class: 'foot', d: feet(to, back, false) }),
  );
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
