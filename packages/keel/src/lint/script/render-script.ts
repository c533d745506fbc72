import { inlineValues } from '../../db/inline-values';
import { quoteLiteral } from '../../db/quote';
import type { FileTrace, TracedStatement } from '../trace/trace';
import { transactionsOf } from '../views/holds';

/** A file as a script writes it. */
export interface ScriptFile {
  readonly trace: FileTrace;
  /** SQL that tells whether it has to run: one column, true or false. */
  readonly pendingSql: string;
  /** SQL that records it, without a semicolon at the end. */
  readonly recordSql: string;
}

/** What a script is made of. */
export interface ScriptParts {
  /** Sentences for whoever opens it. */
  readonly head: readonly string[];
  /** Statements that go before all files. */
  readonly prepare: readonly string[];
  readonly files: readonly ScriptFile[];
  /** Statements that come after them. */
  readonly finish: readonly string[];
}

/**
 * A script for psql. Each file is a transaction with its record, as keel runs it, and is skipped where it is recorded: so
 * the script can be run again after it has failed half-way.
 */
export function renderScript({ head, prepare, files, finish }: ScriptParts): string {
  const session = files.find(({ trace }) => trace.session)?.trace.session;
  return [
    ...head.map((line) => `-- ${line}`.trimEnd()),
    '',
    '\\set ON_ERROR_STOP on',
    '\\set AUTOCOMMIT on',
    ...statementLines("SET client_encoding = 'UTF8'"),
    ...statementLines('SET client_min_messages = warning'),
    ...(session
      ? [
          ...statementLines(`SET search_path = ${session.searchPath || "''"}`),
          ...statementLines(`SET TimeZone = ${quoteLiteral(session.timeZone)}`),
        ]
      : []),
    ...prepare.flatMap(statementLines),
    ...files.flatMap(renderFile),
    '',
    ...finish.flatMap(statementLines),
    '',
  ].join('\n');
}

function renderFile({ trace, pendingSql, recordSql }: ScriptFile): string[] {
  const { name, mode, statements } = trace;
  const record = statementLines(recordSql);
  const body =
    mode === 'none'
      ? [...outsideTransaction(trace), ...inTransaction(record)]
      : inTransaction([...statements.flatMap(renderStatement), ...record]);
  return [
    '',
    `-- ${name}`,
    `${pendingSql} AS keel_pending \\gset`,
    '\\if :keel_pending',
    `\\echo ${quoteLiteral(name).trim()}`,
    ...body,
    '\\else',
    `\\echo ${quoteLiteral(`${name} is applied already`).trim()}`,
    '\\endif',
  ];
}

function outsideTransaction(trace: FileTrace): string[] {
  return transactionsOf(trace).flatMap(([from, to]) => {
    const part = trace.statements.slice(from, to);
    const lines = part.flatMap(renderStatement);
    return part[0]?.inTransaction ? inTransaction(lines) : lines;
  });
}

function inTransaction(lines: readonly string[]): string[] {
  return ['BEGIN;', ...lines, 'COMMIT;'];
}

function renderStatement({ sql, values }: TracedStatement): string[] {
  return statementLines(inlineValues(sql, values ?? []));
}

/** A comment at the end would hide the semicolon. */
function statementLines(sql: string): string[] {
  const text = sql.trim().replace(/;$/, '').trimEnd();
  return (text.split('\n').at(-1) ?? '').includes('--') ? [text, ';'] : [`${text};`];
}
