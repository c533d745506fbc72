/** What a statement does to the transaction it runs in, where that is its whole purpose. */
export type TransactionControl = 'begin' | 'commit' | 'rollback' | 'characteristics' | 'savepoint';

/** A statement from its first word on. */
function withoutLeadingComments(statement: string): string {
  let start = 0;
  for (;;) {
    const skipped = /\s*(?:--[^\n]*(?:\n|$))*/y;
    skipped.lastIndex = start;
    skipped.exec(statement);
    if (statement.startsWith('/*', skipped.lastIndex))
      start = endOfComment(statement, skipped.lastIndex);
    else if (skipped.lastIndex === start) return statement.slice(start);
    else start = skipped.lastIndex;
  }
}

/** Which transaction control a single statement is; undefined for any other statement. */
export function transactionControl(statement: string): TransactionControl | undefined {
  const text = withoutLeadingComments(statement);
  if (/^(begin\b(?!\s+atomic)|start\s+transaction\b)/i.test(text)) return 'begin';
  if (/^(commit|end)\b(?!\s+prepared)/i.test(text)) return 'commit';
  if (/^(savepoint|release)\b|^rollback\s+(work\s+|transaction\s+)?to\b/i.test(text))
    return 'savepoint';
  if (/^(rollback|abort)\b(?!\s+prepared)/i.test(text)) return 'rollback';
  if (/^set\s+(local\s+)?(transaction|session\s+characteristics)\b/i.test(text))
    return 'characteristics';
  return undefined;
}

/** Whether one of the text's statements is PREPARE TRANSACTION, which ends a transaction that others commit. */
export function preparesTransaction(text: string): boolean {
  if (!/\bprepare\s+transaction\b/i.test(text)) return false;
  return splitStatements(text).some((statement) =>
    /^prepare\s+transaction\b/i.test(withoutLeadingComments(statement)),
  );
}

/** A quick look: can the text hold transaction control beside other statements? Sure only when false. */
export function mayMixTransactionControl(text: string): boolean {
  return (
    text.includes(';') && /\b(begin|commit|rollback|abort|start\s+transaction|end)\b/i.test(text)
  );
}

/**
 * Splits a text into its statements at the semicolons that end one: not those in quotes, dollar quotes,
 * comments, parentheses (rules) or the body of an SQL-standard function (BEGIN ATOMIC … END).
 */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let depth = 0;
  let atomic = 0;
  const token =
    /--[^\n]*|\/\*|'|"|\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*|[();]/gi;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const found = match[0].toLowerCase();
    if (found.startsWith('--')) continue;
    if (found === '/*' || found === "'" || found === '"' || found.startsWith('$')) {
      token.lastIndex = endOfQuoted(text, match.index, match[0]);
    } else if (found === '(') depth += 1;
    else if (found === ')') depth -= 1;
    else if (found === 'begin' && /^begin\s+atomic\b/i.test(text.slice(match.index))) atomic += 1;
    else if (atomic > 0 && found === 'case') atomic += 1;
    else if (atomic > 0 && found === 'end') atomic -= 1;
    else if (found === ';' && depth <= 0 && atomic === 0) {
      statements.push(text.slice(start, match.index));
      start = match.index + 1;
    }
  }
  statements.push(text.slice(start));
  return statements
    .map((part) => part.trim())
    .filter((part) => withoutLeadingComments(part) !== '');
}

/** The index after the quoted part that opens at `start`. */
function endOfQuoted(text: string, start: number, opener: string): number {
  if (opener === '/*') return endOfComment(text, start);
  if (opener === "'" && /(^|[^\w$])e$/i.test(text.slice(Math.max(0, start - 2), start))) {
    // E'...' strings: a backslash escapes the quote.
    const match = /'(?:[^'\\]|\\.|'')*'/sy;
    match.lastIndex = start;
    return match.exec(text) ? match.lastIndex : text.length;
  }
  const end = text.indexOf(opener, start + opener.length);
  return end === -1 ? text.length : end + opener.length;
}

/** PostgreSQL's block comments nest. */
function endOfComment(text: string, start: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 0;
  for (let match = edge.exec(text); match; match = edge.exec(text)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return text.length;
}

/** What a part of a statement is: SQL itself, a quoted name, a text, or a comment. */
type TextPart = 'code' | 'name' | 'text' | 'comment';

/** A statement with each of its parts put through a function. */
export function mapParts(text: string, map: (part: string, kind: TextPart) => string): string {
  const parts: string[] = [];
  let start = 0;
  const token = /--[^\n]*|\/\*|'|"|\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/gi;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [opener] = match;
    const isLine = opener.startsWith('--');
    const end = isLine ? token.lastIndex : endOfQuoted(text, match.index, opener);
    token.lastIndex = end;
    const kind = isLine || opener === '/*' ? 'comment' : opener === '"' ? 'name' : 'text';
    parts.push(
      map(text.slice(start, match.index), 'code'),
      map(text.slice(match.index, end), kind),
    );
    start = end;
  }
  parts.push(map(text.slice(start), 'code'));
  return parts.join('');
}

/** A statement for whoever looks for words in it: without comments, and with its texts emptied. Names stay. */
export function withoutTexts(text: string): string {
  return mapParts(text, (part, kind) => (kind === 'comment' ? ' ' : kind === 'text' ? "''" : part));
}

/** Whether the statement says itself that it may leave something on its session: a setting, a lock, a temporary table. */
export function changesSession(text: string): boolean {
  return (
    /(^|;)\s*(set\s+(?!local\b|constraints\b|transaction\b)|(reset|discard|listen|load|declare)\b|prepare\s+(?!transaction\b))/i.test(
      withoutLeadingComments(text),
    ) ||
    /\b(set_config|pg_(try_)?advisory_lock(_shared)?)\s*\(|\b(create|into)\s+((local|global)\s+)?temp(orary)?\b/i.test(
      text,
    )
  );
}

/** A statement on one line and no longer than `length` characters, for people. */
export function shortStatement(text: string, length = 160): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}
