import { mapParts } from '../../db/sql-text';

/**
 * The expression by which statements give a column another type (`ALTER COLUMN … TYPE … USING …`); undefined where PostgreSQL
 * converts by itself.
 */
export function usingOf(statements: readonly string[], column: string): string | undefined {
  for (const text of statements) {
    // As long as the statement, so that places are the same in both.
    const plain = mapParts(text, (part, kind) =>
      kind === 'code' || kind === 'name' ? part : ' '.repeat(part.length),
    );
    for (const [start, end] of actionsOf(plain)) {
      const action =
        /\balter\s+(?:column\s+)?("(?:[^"]|"")+"|\w+)\s+(?:set\s+data\s+)?type\b[^]*?\busing\b/i.exec(
          plain.slice(start, end),
        );
      if (action === null || nameOf(action[1] ?? '') !== column) continue;
      return text
        .slice(start + action.index + action[0].length, end)
        .replace(/;\s*$/, '')
        .trim();
    }
  }
  return undefined;
}

function nameOf(written: string): string {
  return written.startsWith('"')
    ? written.slice(1, -1).replaceAll('""', '"')
    : written.toLowerCase();
}

/** The parts between the commas and semicolons that are in no brackets and no quotes. */
function actionsOf(plain: string): (readonly [number, number])[] {
  const parts: (readonly [number, number])[] = [];
  let [depth, from, quoted] = [0, 0, false];
  for (let at = 0; at < plain.length; at += 1) {
    const character = plain.charAt(at);
    if (character === '"') quoted = !quoted;
    if (quoted) continue;
    if ('(['.includes(character)) depth += 1;
    else if (')]'.includes(character)) depth -= 1;
    else if (',;'.includes(character) && depth === 0) {
      parts.push([from, at]);
      from = at + 1;
    }
  }
  return [...parts, [from, plain.length]];
}
