/**
 * Characters that no XML document may hold, those that turn the direction of what follows, and those that nobody sees:
 * a name with one of them could show another text than the one that is there. Joiners stay: scripts and emoji need them.
 */
const UNSAFE =
  /(?![\t\n\r])\p{Cc}|\p{Cs}|[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2060-\u2069\ufeff\ufffe\uffff]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text without characters that cannot be shown or would mislead; each is replaced by U+FFFD. */
export function visibleText(text: string): string {
  return text.replace(UNSAFE, '\ufffd');
}

/**
 * A text for HTML or SVG, between tags and in quoted attributes. All that comes from a project or a database goes
 * through here on its way into markup.
 */
export function escapeMarkup(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/**
 * A value as JSON that can stand in a `<script>` element: it holds no `<`, and so no end of the element. What is false
 * is left out.
 */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part === false) return undefined;
    return typeof part === 'string' ? visibleText(part) : part;
  }).replaceAll('<', '\\u003c');
}
