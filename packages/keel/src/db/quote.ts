/** A name as SQL: always in double quotes, so that case and keywords do not matter. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A table's name as SQL, with its schema where it has one. */
export function quoteTable(schema: string | undefined, table: string): string {
  return schema === undefined
    ? quoteIdentifier(table)
    : `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
}

/** A text as an SQL literal, right whatever `standard_conforming_strings` says. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** A body of code between dollar quotes that it does not hold itself, as names and literals in it may. */
export function quoteBody(body: string): string {
  let quote = '$$';
  for (let turn = 1; body.includes(quote); turn += 1) quote = `$body${turn}$`;
  return `${quote} ${body} ${quote}`;
}

/** SQL for a time as ISO 8601 text: what `pg` makes of a time depends on DateStyle and on the project. */
export function isoTime(expression: string): string {
  return `pg_catalog.to_char(${expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
