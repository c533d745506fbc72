import { quoteIdentifier } from '../../db/quote';
import { shellWord, writePath } from '../../diff/object-path';
import { callLine, keelLine, queryLine, raw, tableOption } from '../safe-code';
import { quoteName } from '../quote-name';
import type { RelationRef } from '../trace/catalog-change';
import type { SafeFile, SafeForm } from './rule';

/** A column that changes beside the old one, which stays until nothing of the old release runs. */
export interface ColumnExpansion {
  readonly table: RelationRef;
  readonly column: string;
  readonly to: string;
  readonly type: string;
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
export function retypeInSteps(table: RelationRef, column: string, type: string): SafeForm {
  const change: ColumnExpansion = { table, column, to: `${column}_new`, type };
  const on = quoteName(table);
  const [name, fresh] = [column, change.to].map(quoteIdentifier);
  return [
    {
      ...expandFile(change),
      title: `keel migration:generate --from-models --expand ${shellWord(pathTo(table, column))} writes all of it, with keys, indexes and defaults. ${FIRST}`,
    },
    fillFile(change),
    {
      title: 'Third file: the new column takes the name.',
      transaction: true,
      lines: [
        unsyncLine(change),
        queryLine(`ALTER TABLE ${on} DROP COLUMN ${name ?? ''}`),
        queryLine(`ALTER TABLE ${on} RENAME COLUMN ${fresh ?? ''} TO ${name ?? ''}`),
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
  const dot = name.indexOf('.');
  const [schema, table] = [name.slice(0, dot), name.slice(dot + 1)];
  return writePath(schema === 'public' ? [table, column] : [schema, table, column]);
}

function expandFile({ table, column, to, type }: ColumnExpansion): SafeFile {
  return {
    transaction: true,
    lines: [
      queryLine(`ALTER TABLE ${quoteName(table)} ADD COLUMN ${quoteIdentifier(to)} ${type}`),
      keelLine('syncColumns', {
        table: tableOption(table),
        forward: { [to]: columnCode(column) },
        back: { [column]: columnCode(to) },
      }),
    ],
  };
}

function fillFile({ table, column, to }: ColumnExpansion): SafeFile {
  return {
    title: 'Second file:',
    transaction: false,
    lines: [
      keelLine('backfill', {
        table: tableOption(table),
        set: { [to]: columnCode(column) },
        where: raw(
          'Sequelize.literal',
          `${quoteIdentifier(to)} IS DISTINCT FROM ${quoteIdentifier(column)}`,
        ),
      }),
    ],
  };
}

function unsyncLine({ table, column, to }: Omit<ColumnExpansion, 'type'>): string {
  return keelLine('unsyncColumns', {
    table: tableOption(table),
    forward: { [to]: columnCode(column) },
  });
}

function columnCode(column: string): object {
  return /[."]/.test(column)
    ? raw('Sequelize.literal', quoteIdentifier(column))
    : raw('Sequelize.col', column);
}
