/** What the buttons, the keys and the search do. */

const search = /** @type {HTMLInputElement} */ (byId('search'));

/** Tables by name, model or column: names that begin so come first. @param {string} text */
function find(text) {
  const wanted = text.toLowerCase();
  if (wanted === '') return [];
  const rank = (/** @type {PageTable} */ table) => {
    const names = [nameOf(table), table.name, ...table.models].map((name) => name.toLowerCase());
    if (names.includes(wanted)) return 0;
    if (names.some((name) => name.startsWith(wanted))) return 1;
    if (names.some((name) => name.includes(wanted))) return 2;
    return table.columns.some(({ name }) => name.toLowerCase().includes(wanted)) ? 3 : 4;
  };
  return data.tables
    .map((table) => ({ table, rank: rank(table) }))
    .filter((each) => each.rank < 4)
    .sort((a, b) => a.rank - b.rank)
    .map(({ table }) => table);
}

let foundAt = 0;

/** @param {number} move */
function showFound(move) {
  const found = find(search.value.trim());
  foundAt = move === 0 ? 0 : (foundAt + move + found.length) % Math.max(1, found.length);
  byId('found').textContent =
    search.value.trim() === ''
      ? ''
      : found.length === 0
        ? 'none'
        : `${foundAt + 1} of ${found.length}`;
  const table = found[foundAt];
  if (table === undefined) return;
  reveal(table.key);
  search.focus();
}

function updateButtons() {
  byId('focus').setAttribute('aria-pressed', `${focused}`);
}

function toggleFocus() {
  if (focused) {
    leaveFocus();
    const card = cards.get(chosen ?? '');
    if (card !== undefined) showBox(card.box, 1);
  } else if (chosen !== undefined) focusOn(chosen);
}

/** @type {Record<string, () => void>} */
const KEYS = {
  '/': () => search.focus(),
  '+': () => zoom(1.25),
  '=': () => zoom(1.25),
  '-': () => zoom(0.8),
  0: showAll,
  f: toggleFocus,
  t: () => showView('tables'),
  d: () => showView('diagram'),
  m: () => showView('migrations'),
  '[': () => goTo(Math.max(0, (shownStep ?? runOrder().length) - 1)),
  ']': () => goTo(Math.min(runOrder().length, (shownStep ?? runOrder().length) + 1)),
};

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {Element} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape') {
    if (focused) toggleFocus();
    else choose(undefined);
    svg.focus();
    return;
  }
  if (target instanceof HTMLInputElement) return;
  const arrow = ARROWS[event.key];
  const card = target.closest('.card');
  if (arrow !== undefined && (target === svg || card !== null)) {
    event.preventDefault();
    if (card === null || event.shiftKey) pan(-arrow[0] * 80, -arrow[1] * 80);
    else step(...arrow);
    return;
  }
  if ((event.key === 'Enter' || event.key === ' ') && card !== null) {
    event.preventDefault();
    const table = data.tables[Number(card.getAttribute('data-table'))];
    if (table !== undefined) choose(table.key);
    return;
  }
  const act = KEYS[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
}

function toggleTheme() {
  const { documentElement: root } = document;
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const now = root.dataset.theme ?? (dark ? 'dark' : 'light');
  root.dataset.theme = now === 'dark' ? 'light' : 'dark';
}

/** What is seen of the page, for the one that takes its place. */
const KEPT = 'keel page';

function keepPlace() {
  const { theme } = document.documentElement.dataset;
  const place = { theme, camera, view: shownView, focused, step: shownStep };
  sessionStorage.setItem(KEPT, JSON.stringify(place));
}

/** Shows what was seen before the page was loaded anew. */
function takePlace() {
  const kept = sessionStorage.getItem(KEPT);
  if (kept === null) return;
  sessionStorage.removeItem(KEPT);
  const place = JSON.parse(kept);
  if (place.theme !== undefined) document.documentElement.dataset.theme = place.theme;
  if (place.focused && chosen !== undefined) focusOn(chosen);
  if (place.step !== undefined) goTo(Math.min(place.step, runOrder().length));
  Object.assign(camera, place.camera);
  applyCamera();
  showView(place.view);
}

/** Where keel serves the page, it says when there is another one, and why a new one could not be drawn. */
function followServer() {
  const { live } = document.documentElement.dataset;
  if (live === undefined) return;
  takePlace();
  const note = byId('note');
  const say = (/** @type {string | undefined} */ text) => {
    note.hidden = text === undefined;
    note.textContent = text ?? '';
  };
  const source = new EventSource('events');
  source.addEventListener('message', (event) => {
    const { version, failure } = JSON.parse(event.data);
    if (version !== live) {
      keepPlace();
      location.reload();
    } else say(failure === undefined ? undefined : `Not up to date: ${failure}`);
  });
  source.addEventListener('error', () => say('keel no longer serves this page.'));
}

function start() {
  readDiagram();
  addFormerCards();
  startCamera();
  showAll();
  slider.max = `${runOrder().length}`;
  slider.value = slider.max;
  slider.disabled = !stepped;
  slider.addEventListener('input', () => goTo(Number(slider.value)));
  byId('now').addEventListener('click', () => goTo(undefined));
  byId('zoom-in').addEventListener('click', () => zoom(1.25));
  byId('zoom-out').addEventListener('click', () => zoom(0.8));
  byId('all').addEventListener('click', showAll);
  byId('focus').addEventListener('click', toggleFocus);
  byId('theme').addEventListener('click', toggleTheme);
  for (const name of ['diagram', 'tables', 'migrations', 'drift'])
    byId(`view-${name}`).addEventListener('click', () => showView(name));
  search.addEventListener('input', () => showFound(0));
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') showFound(event.shiftKey ? -1 : 1);
  });
  document.addEventListener('keydown', onKey);
  applyStep();
  const wanted = /^#table=(.+)$/.exec(location.hash)?.[1];
  if (wanted !== undefined && tableOf(decodeURIComponent(wanted)) !== undefined)
    reveal(decodeURIComponent(wanted));
  followServer();
}

start();
