import type { Page } from 'playwright-core';

/** Runs in the page: the contrast of every text that is seen, where it is too little to be read. */
const CONTRASTS = `(() => {
  const channels = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const over = ([r, g, b, a = 1], under) =>
    [r, g, b].map((value, at) => value * a + under[at] * (1 - a));
  const light = (rgb) => rgb
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0);
  const painted = (element) => {
    const style = getComputedStyle(element);
    if (!(element instanceof SVGElement) || element.tagName === 'svg') return channels(style.backgroundColor);
    if (element.tagName === 'text' || element.tagName === 'g' || style.fill === 'none') return [0, 0, 0, 0];
    const [r, g, b, a = 1] = channels(style.fill);
    return [r, g, b, a * Number(style.fillOpacity)];
  };
  const groundOf = (element, x, y) => {
    const below = document.elementsFromPoint(x, y);
    const layers = below.slice(Math.max(0, below.indexOf(element)));
    return layers.reverse().reduce((ground, layer) => over(painted(layer), ground), [255, 255, 255]);
  };
  const found = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (walker.nextNode()) {
    const { parentElement: element, data } = walker.currentNode;
    if (data.trim() === '' || element.closest('script, style, title, noscript, option, .dim')) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = range.getClientRects()[0];
    if (box === undefined || box.width === 0) continue;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const top = document.elementFromPoint(x, y);
    const own = top === element || element.contains(top) || getComputedStyle(element).pointerEvents === 'none';
    if (!own) continue;
    seen += 1;
    const style = getComputedStyle(element);
    const isSvg = element instanceof SVGElement;
    const text = channels(isSvg ? style.fill : style.color);
    let ground = groundOf(element, x, y);
    for (let each = element; !isSvg && each !== null; each = each.parentElement) {
      const paint = painted(each);
      if ((paint[3] ?? 1) === 1) { ground = paint; break; }
    }
    const [one, other] = [light(over(text, ground)), light(ground)];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const key = element.tagName + '.' + (element.getAttribute('class') ?? '') + ' in ' + (element.closest('[id]')?.id ?? '');
    if (ratio < (found.get(key)?.ratio ?? Infinity)) found.set(key, { text: data.slice(0, 20), ratio });
  }
  return { seen, poor: [...found].filter(([, { ratio }]) => ratio < 4.5).map(([key, { text, ratio }]) => key + ' “' + text + '” ' + ratio.toFixed(2)) };
})()`;

/** The texts that are seen with a contrast below that of WCAG 2.1 AA, and how many were looked at. */
export function poorContrasts(
  page: Page,
): Promise<{ readonly seen: number; readonly poor: readonly string[] }> {
  return page.evaluate(CONTRASTS);
}

interface Node {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
}

/** What can be operated, and what is announced as a part of the page. */
const NAMED =
  /^(button|slider|searchbox|textbox|checkbox|link|combobox|table|grid|region|complementary|img|image|DisclosureTriangle)$/i;

/** The roles of those elements that a screen reader can give no name, and how many have one. */
export async function unnamedElements(
  page: Page,
): Promise<{ readonly named: number; readonly unnamed: readonly string[] }> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = (await session.send('Accessibility.getFullAXTree')) as { nodes: Node[] };
  await session.detach();
  const wanted = nodes.filter(({ ignored, role }) => !ignored && NAMED.test(role?.value ?? ''));
  const isNamed = ({ name }: Node): boolean => (name?.value ?? '').trim() !== '';
  return {
    named: wanted.filter(isNamed).length,
    unnamed: wanted.filter((node) => !isNamed(node)).map(({ role }) => role?.value ?? ''),
  };
}
