import { mapParts, splitStatements } from '../../db/sql-text';
import { verbOf } from './statement-kind';

/**
 * What a statement asks for, as single statements: itself, or those in the body of a DO block, with the texts that its
 * EXECUTEs are given. Only for what the catalog does not tell.
 */
export function spokenStatements(sql: string): string[] {
  if (verbOf(sql) !== 'do') return [sql];
  return textsOf(sql).flatMap((body) => splitStatements(body).flatMap(spokenIn));
}

/** Whether a DO block goes over rows in a loop. */
export function hasLoop(sql: string): boolean {
  return (
    verbOf(sql) === 'do' &&
    textsOf(sql).some((body) => /\b(?:for|foreach|while)\b[^]*\bloop\b/i.test(withoutQuoted(body)))
  );
}

/** Words of PL/pgSQL before a statement; none of them is SQL's. */
const CONTROL =
  /^\s*(?:<<\s*\w+\s*>>|begin\b|else\b|loop\b|declare\b|exception\b|(?:els(?:e\s*)?)?if\b[^]*?\bthen\b|when\b[^]*?\bthen\b|(?:for|foreach|while)\b[^]*?\bloop\b)/i;

function spokenIn(part: string): string[] {
  let rest = part;
  for (
    let match = CONTROL.exec(withoutQuoted(rest));
    match;
    match = CONTROL.exec(withoutQuoted(rest))
  )
    rest = rest.slice(match[0].length);
  const statement = rest.trim().replace(/^perform\b/i, 'SELECT');
  return verbOf(statement) === 'execute' ? textsOf(statement).slice(0, 1) : [statement];
}

/** As long as the text, so that places are the same in both. */
function withoutQuoted(text: string): string {
  return mapParts(text, (part, kind) => (kind === 'code' ? part : ' '.repeat(part.length)));
}

/** What stands in the quotes and dollar quotes of a statement. */
function textsOf(sql: string): string[] {
  const texts: string[] = [];
  mapParts(sql, (part, kind) => {
    if (kind === 'text')
      texts.push(
        part.startsWith("'")
          ? part.slice(1, -1).replaceAll("''", "'")
          : part.replace(/^(\$\w*\$)([^]*)\1$/, '$2'),
      );
    return part;
  });
  return texts;
}
