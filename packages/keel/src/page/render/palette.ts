/** A colour for light and one for dark, by the name of its variable in the style sheets. */
export const PALETTE: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  ground: ['#ffffff', '#12171e'],
  card: ['#ffffff', '#1b222c'],
  edge: ['#c3ccd6', '#3d4a5a'],
  text: ['#1b2430', '#e6ebf1'],
  soft: ['#566373', '#a3b0be'],
  key: ['#8a5a00', '#e6b35a'],
  // The kinds of lines.
  one: ['#7a3db8', '#c79bf2'],
  many: ['#1668b8', '#7db8f5'],
  cross: ['#b03a16', '#f5a07d'],
  loose: ['#606c7a', '#93a0ae'],
  // What is amiss, and what a migration has removed, added and changed.
  warn: ['#b4231a', '#ff8a80'],
  added: ['#15752f', '#6fd08c'],
  changed: ['#8f5a00', '#f0b350'],
  // The schemas, under white names.
  s0: ['#1f4e79', '#1f4e79'],
  s1: ['#2f5d3a', '#2f5d3a'],
  s2: ['#7a3e1d', '#7a3e1d'],
  s3: ['#5a3d7a', '#5a3d7a'],
  s4: ['#7a1f46', '#7a1f46'],
  s5: ['#0f5f66', '#0f5f66'],
  s6: ['#5c5410', '#5c5410'],
  s7: ['#3d4757', '#3d4757'],
};

/** The variables of the style sheets, as the system wants them; in the page also as its reader has chosen. */
export function renderPalette({ chosen }: { readonly chosen: boolean }): string {
  const block = (selector: string, theme: 0 | 1, scheme: string): string =>
    [
      `${selector} {`,
      ...Object.entries(PALETTE).map(([name, colours]) => `  --${name}: ${colours[theme]};`),
      `  color-scheme: ${scheme};`,
      '}',
    ].join('\n');
  const dark = [
    `@media screen and (prefers-color-scheme: dark) {\n${block(':root', 1, 'light dark')}\n}`,
    ...(chosen
      ? [
          block(`:root[data-theme='light']`, 0, 'light'),
          `@media screen {\n${block(`:root[data-theme='dark']`, 1, 'dark')}\n}`,
        ]
      : []),
  ];
  // Paper is light whatever the screen is.
  return [block(':root', 0, 'light dark'), ...dark].join('\n');
}
