/** The view of a table with its neighbours alone. */

/** The table in the middle, what it refers to on its left, what refers to it on its right. @param {string} key */
function focusOn(key) {
  if (chosen !== key) choose(key);
  const middle = cards.get(key);
  if (middle === undefined) return;
  focused = true;
  const near = neighboursOf(key);
  for (const [each, { element }] of cards) element.classList.toggle('gone', !near.has(each));
  for (const { element } of links) element.classList.add('gone');
  const touching = data.links.filter(({ child, parent }) => child === key || parent === key);
  const isParent = (/** @type {string} */ each) =>
    touching.some(({ child, parent }) => child === key && parent === each);
  const others = [...near].filter((each) => each !== key);
  const left = stack(key, others.filter(isParent));
  const right = stack(
    key,
    others.filter((each) => !isParent(each)),
  );
  const gap = 160;
  const { width, height } = middle.home;
  placeAt(middle, { x: 0, y: -height / 2 });
  for (const { card, x, y } of left.places)
    placeAt(card, { x: x - left.width - gap, y: y - left.height / 2 });
  for (const { card, x, y } of right.places)
    placeAt(card, { x: x + width + gap, y: y - right.height / 2 });
  extra.replaceChildren(
    ...touching.map(drawDirect),
    ...[...near].map((each) => drawCaption(key, each)),
  );
  const tall = Math.max(height + 2 * captionHeight(key, key), left.height, right.height);
  const from = left.places.length > 0 ? -left.width - gap : 0;
  const to = right.places.length > 0 ? width + gap + right.width : width;
  showBox({ x: from, y: -tall / 2, width: to - from, height: tall });
  updateButtons();
}

/** What the models call the lines between two tables. @param {string} key @param {string} other */
function captionLines(key, other) {
  return data.links
    .filter(
      ({ child, parent }) =>
        (child === key && parent === other) || (child === other && parent === key),
    )
    .flatMap(({ kind, labels, marks, childColumns }) => {
      const [first = childColumns.join(', '), ...more] = labels;
      return [`${kind}  ${first}`, ...more, ...marks.map((mark) => `⚠ ${mark}`)];
    });
}

const CAPTION_LINE = 15;

/** @param {string} key @param {string} other */
function captionHeight(key, other) {
  return captionLines(key, other).length * CAPTION_LINE + 6;
}

/** Above the card, where no line of its own leads. @param {string} key @param {string} other */
function drawCaption(key, other) {
  const group = svgEl('g', { class: 'caption' });
  const card = cards.get(other);
  const lines = captionLines(key, other);
  if (card === undefined || lines.length === 0) return group;
  const { x, y } = card.box;
  const top = y - captionHeight(key, other);
  const widest = Math.max(...lines.map((text) => [...text].length));
  group.append(
    svgEl('rect', { class: 'paper', x, y: top, width: widest * 6.6, height: y - top - 1 }),
    ...lines.map((text, position) =>
      svgEl('text', { x, y: top + (position + 1) * CAPTION_LINE - 3 }, text),
    ),
  );
  return group;
}

/**
 * Cards below each other with their captions, in as many columns as make a readable whole.
 *
 * @param {string} key
 * @param {string[]} keys
 */
function stack(key, keys) {
  const columns = Math.max(1, Math.ceil(Math.sqrt(keys.length / 6)));
  const each = Math.ceil(keys.length / columns);
  /** @type {{ card: Card, x: number, y: number }[]} */
  const places = [];
  let [x, tall] = [0, 0];
  for (let column = 0; column < columns; column += 1) {
    let [y, wide] = [0, 0];
    for (const other of keys.slice(column * each, (column + 1) * each)) {
      const card = cards.get(other);
      if (card === undefined) continue;
      const longest = Math.max(...captionLines(key, other).map((text) => [...text].length));
      y += captionHeight(key, other);
      places.push({ card, x, y });
      y += card.home.height + 24;
      wide = Math.max(wide, card.home.width, longest * 6.6);
    }
    tall = Math.max(tall, y - 24);
    x += wide + 70;
  }
  return { places, width: Math.max(0, x - 70), height: Math.max(0, tall) };
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
