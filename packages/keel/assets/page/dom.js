/**
 * The page's script, in files that share one scope: `renderHtml` puts them into one function, in the order of their
 * names in `render-html.ts`. Texts come to the page through `textContent` and attributes alone.
 *
 * @typedef {import('../../src/page/document/page-document').PageDocument} PageDocument
 * @typedef {import('../../src/page/document/page-document').PageTable} PageTable
 * @typedef {import('../../src/page/document/page-document').PageLink} PageLink
 * @typedef {import('../../src/page/document/page-document').PageColumn} PageColumn
 * @typedef {import('../../src/page/document/page-document').TableShape} TableShape
 * @typedef {import('../../src/page/document/page-document').PageMigration} PageMigration
 * @typedef {import('../../src/page/document/page-document').PageAssociation} PageAssociation
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 */

/** @type {PageDocument} */
const data = JSON.parse(byId('data').textContent ?? '');

/** The sizes of cards: `METRICS` of measure-card.ts. @type {Record<string, number>} */
const metrics = JSON.parse(byId('metrics').textContent ?? '');

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`There is no element ${id}.`);
  return element;
}

/**
 * An element with its attributes and children; a text becomes a text node.
 *
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 * @returns {SVGElement}
 */
function svgEl(tag, attributes = {}, text) {
  const element = /** @type {SVGElement} */ (document.createElementNS(SVG, tag));
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, `${value}`);
  if (text !== undefined) element.textContent = text;
  return element;
}

/**
 * A table with a heading for each column.
 *
 * @param {string} caption
 * @param {string[]} headings
 * @param {(Node | string)[][]} rows
 */
function grid(caption, headings, rows) {
  return el(
    'table',
    {},
    el('caption', {}, `${caption} (${rows.length})`),
    el('thead', {}, el('tr', {}, ...headings.map((text) => el('th', { scope: 'col' }, text)))),
    el('tbody', {}, ...rows.map((row) => el('tr', {}, ...row.map((cell) => el('td', {}, cell))))),
  );
}

/**
 * @param {string} text
 * @param {() => void} act
 * @returns {HTMLElement}
 */
function button(text, act) {
  const element = el('button', { type: 'button' }, text);
  element.addEventListener('click', act);
  return element;
}

/** @param {{ schema: string, name: string }} table */
function nameOf({ schema, name }) {
  return schema === 'public' ? name : `${schema}.${name}`;
}

/** @param {string} key */
function tableOf(key) {
  return data.tables.find((table) => table.key === key);
}
