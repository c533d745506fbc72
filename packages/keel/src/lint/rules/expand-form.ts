import { quoteIdentifier } from '../../db/quote';
import { conversionOf } from '../../diff/conversion';
import { shellWord, writePath } from '../../diff/object-path';
import { callLine, keelLine, queryLine, raw, tableOption } from '../safe-code';
import { quoteName } from '../quote-name';
import type { RelationRef } from '../trace/catalog-change';
import type { SafeFile, SafeForm } from './rule';
import { splitName } from '../split-name';

/** A column that changes beside the old one, which stays until nothing of the old release runs. */
export interface ColumnExpansion {
  readonly table: RelationRef;
  readonly column: string;
  readonly to: string;
  readonly type: string;
  /** What the new column is computed from, as SQL; the old one where undefined. */
  readonly forward?: string;
  /** What the old column is computed from, as SQL; the new one where undefined, and nobody knows where null. */
  readonly back?: string | null;
}

/** A change of type as a statement makes it. */
export interface Retyping {
  readonly table: RelationRef;
  readonly column: string;
  readonly from: string;
  readonly to: string;
  /** Its USING. */
  readonly using: string | undefined;
  /** Statements that make types it needs. */
  readonly types: readonly string[];
}

/** The way of a rename: both columns, a trigger, a backfill, and the old column goes with a later release. */
export function renameInSteps(change: ColumnExpansion): SafeForm {
  const { table, column, to } = change;
  const flag = shellWord(`${pathTo(table, column)}:${pathTo(table, to)}`);
  return [
    {
      ...expandFile(change),
      title: `keel migration:generate --from-models --expand ${flag} writes all of it. ${FIRST}`,
    },
    fillFile(change),
    ...dropInSteps(change, to),
  ];
}

/** The way of a type: the new column takes the name of the old one once it is filled. */
export function retypeInSteps({ table, column, from, to: type, using, types }: Retyping): SafeForm {
  const fresh = `${column}_new`;
  const way = using === undefined ? {} : { forward: using, back: wayBack(fresh, type, from) };
  const change: ColumnExpansion = { table, column, to: fresh, type, ...way };
  const first = expandFile(change);
  const on = quoteName(table);
  return [
    {
      ...first,
      lines: [...types.map(queryLine), ...first.lines],
      title: `keel migration:generate --from-models --expand ${shellWord(pathTo(table, column))} writes all of it, with keys, indexes and defaults. ${FIRST}`,
    },
    fillFile(change),
    {
      title: 'Third file: the new column takes the name.',
      transaction: true,
      safe: {
        'drop-column': 'the new column has its values',
        'rename-column': 'old and new column change places in one transaction',
      },
      lines: [
        unsyncLine(change),
        queryLine(`ALTER TABLE ${on} DROP COLUMN ${quoteIdentifier(column)}`),
        queryLine(
          `ALTER TABLE ${on} RENAME COLUMN ${quoteIdentifier(fresh)} TO ${quoteIdentifier(column)}`,
        ),
      ],
    },
  ];
}

/** The file that takes a column away, with a stop for older releases. */
export function dropInSteps(
  { table, column }: Omit<ColumnExpansion, 'to' | 'type'>,
  to?: string,
): SafeFile[] {
  return [
    {
      title:
        to === undefined
          ? 'With the release after the one whose model has lost it:'
          : 'Third file, with a later release:',
      transaction: true,
      safe: { 'drop-column': 'requireRelease waits for the end of older releases' },
      lines: [
        keelLine('requireRelease', {
          application: '<name>',
          atLeast: '<first release without it>',
        }),
        ...(to === undefined ? [] : [unsyncLine({ table, column, to })]),
        callLine('removeColumn', [tableOption(table), column]),
      ],
    },
  ];
}

const FIRST = 'First file, before the deploy:';

/** As flags name a column. */
function pathTo({ name }: RelationRef, column: string): string {
  const { schema, table } = splitName(name);
  return writePath(schema === 'public' ? [table, column] : [schema, table, column]);
}

/** The old column's value from the new one's, where keel knows it. */
function wayBack(fresh: string, from: string, to: string): string | null {
  const name = quoteIdentifier(fresh);
  // A type of the same name has taken the old one's place, whose name is not known here.
  if (from === to) return null;
  const isOwn = [from, to].some((type) => !BUILT_IN.test(type));
  if (isOwn) return `${name}::text::${to}`;
  const { using, isMissing, helper } = conversionOf({ type: from }, { type: to });
  if (isMissing || helper) return null;
  return using?.(name) ?? name;
}

/** Types that PostgreSQL brings along and that columns usually have; others are converted by way of their text. */
const BUILT_IN =
  /^(?:smallint|integer|bigint|numeric|real|double precision|boolean|text|character|bit|bytea|uuid|jsonb?|date|time|timestamp|interval|inet|cidr|money)\b/;

function expandFile({ table, column, to, type, forward, back }: ColumnExpansion): SafeFile {
  return {
    transaction: true,
    lines: [
      queryLine(`ALTER TABLE ${quoteName(table)} ADD COLUMN ${quoteIdentifier(to)} ${type}`),
      keelLine('syncColumns', {
        table: tableOption(table),
        forward: { [to]: valueCode(column, forward) },
        back: { [column]: back === null ? undefined : valueCode(to, back) },
      }),
    ],
  };
}

function valueCode(column: string, sql: string | undefined): object {
  return sql === undefined || sql === quoteIdentifier(column)
    ? columnCode(column)
    : raw('Sequelize.literal', sql);
}

function fillFile({ table, column, to, forward }: ColumnExpansion): SafeFile {
  return {
    title: 'Second file:',
    transaction: false,
    lines: [
      keelLine('backfill', {
        table: tableOption(table),
        set: { [to]: valueCode(column, forward) },
        where: raw(
          'Sequelize.literal',
          `${quoteIdentifier(to)} IS DISTINCT FROM ${forward === undefined ? quoteIdentifier(column) : `(${forward})`}`,
        ),
      }),
    ],
  };
}

function unsyncLine({ table, column, to, forward }: Omit<ColumnExpansion, 'type'>): string {
  return keelLine('unsyncColumns', {
    table: tableOption(table),
    forward: { [to]: valueCode(column, forward) },
  });
}

function columnCode(column: string): object {
  return /[."]/.test(column)
    ? raw('Sequelize.literal', quoteIdentifier(column))
    : raw('Sequelize.col', column);
}
