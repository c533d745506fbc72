import { mapParts, withoutTexts } from '../../db/sql-text';
import { quoteName } from '../quote-name';
import { keelLine, queryLine, raw, tableOption } from '../safe-code';
import type { RelationRef } from '../trace/catalog-change';
import type { TracedStatement } from '../trace/trace';
import { isData, verbOf } from '../views/statement-kind';
import type { SafeForm } from './rule';

/** The same change of rows in batches, each committed by itself: by `backfill` where it is an UPDATE of one table. */
export function inBatches(
  { sql, values, call }: Pick<TracedStatement, 'sql' | 'values' | 'call'>,
  table: RelationRef,
): SafeForm {
  const [target, set, where] = call?.method === 'bulkUpdate' ? (call.args ?? []) : [];
  const options =
    set === undefined ? updateOptions(sql, values, table) : { table: target, set, where };
  if (options !== undefined)
    return [
      {
        title: 'In a file of its own. It goes on where it was stopped.',
        transaction: false,
        lines: [keelLine('backfill', given(options))],
      },
    ];
  return [
    {
      title: 'One batch; go on to the last id, each batch committed by itself.',
      transaction: false,
      lines: [queryLine(firstBatch(sql, table))],
    },
  ];
}

function given(options: object): object {
  const isSaid = (value: unknown): boolean =>
    value !== undefined && (typeof value !== 'object' || Reflect.ownKeys(value ?? {}).length > 0);
  return Object.fromEntries(Object.entries(options).filter(([, value]) => isSaid(value)));
}

/** Undefined for what is no `UPDATE <table> SET <column> = <value>, … [WHERE …]`. */
function updateOptions(
  sql: string,
  values: readonly unknown[] | undefined,
  table: RelationRef,
): object | undefined {
  if (values !== undefined && values.length > 0) return undefined;
  const text = sql.trim().replace(/;\s*$/, '');
  // As long as the statement, so that places are the same in both.
  const plain = mapParts(text, (part, kind) =>
    kind === 'comment' || kind === 'text' ? ' '.repeat(part.length) : part,
  );
  const match = /^update\s+(?:only\s+)?[\w".]+\s+set\s/i.exec(plain);
  if (match === null || plain.length !== text.length) return undefined;
  if (/\s(?:from|returning)\s/i.test(plain)) return undefined;
  const end = plain.search(/\swhere\s/i);
  const assignments = splitAt(text, plain, match[0].length, end === -1 ? text.length : end);
  const pairs = assignments.map((one) => /^\s*"?(\w+)"?\s*=([^]*)$/.exec(one));
  if (pairs.some((pair) => pair === null)) return undefined;
  const entries = pairs.map((pair): [string, object] => [
    pair?.[1] ?? '',
    raw('Sequelize.literal', (pair?.[2] ?? '').trim()),
  ]);
  const where = end === -1 ? undefined : raw('Sequelize.literal', text.slice(end + 7).trim());
  return where === undefined
    ? { table: tableOption(table), set: Object.fromEntries(entries) }
    : { table: tableOption(table), set: Object.fromEntries(entries), where };
}

/** The parts between the commas that are in no brackets. */
function splitAt(text: string, plain: string, start: number, end: number): string[] {
  const parts: string[] = [];
  let [depth, from] = [0, start];
  for (let at = start; at < end; at += 1) {
    const character = plain[at] ?? '';
    if ('(['.includes(character)) depth += 1;
    else if (')]'.includes(character)) depth -= 1;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from, end)];
}

/** With a dot: the name of the table that is changed, or its alias, where the statement names further ones. */
function targetOf(text: string): string {
  const plain = withoutTexts(text);
  if (!/\b(?:using|from)\b/i.test(plain.replace(/^\s*delete\s+from\b/i, ''))) return '';
  const match =
    /^\s*(?:delete\s+from|update)\s+(?:only\s+)?((?:[\w.]|"[^"]*")+)(?:\s+as)?\s+(?!set\b|using\b|where\b)?("[^"]*"|\w+)?/i.exec(
      plain,
    );
  const [, table = '', alias] = match ?? [];
  const isAlias = alias !== undefined && !/^(?:set|using|where|from)$/i.test(alias);
  return match ? `${isAlias ? alias : table}.` : '';
}

function firstBatch(sql: string, table: RelationRef): string {
  const text = sql.replace(/;\s*$/, '');
  const batch = `${targetOf(text)}id BETWEEN 1 AND 5000`;
  if (/\bwhere\b/i.test(withoutTexts(text)))
    return text.replace(/\bwhere\b/i, `WHERE ${batch} AND`);
  return isData(text) && verbOf(text) !== 'insert'
    ? `${text} WHERE ${batch}`
    : `${text} -- WHERE ${quoteName(table)}.${batch}`;
}
