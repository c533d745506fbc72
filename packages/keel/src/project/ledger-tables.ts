import { isKeelTableName } from '../db/keel-schema';
import type { Project } from './project';

/** A table's name; in any schema where none is given. */
export interface LedgerTable {
  readonly schema?: string;
  readonly name: string;
}

/** Sequelize's names for its ledgers: an app may keep one that its config does not mention. */
const USUAL = ['SequelizeMeta', 'SequelizeData'];

/** The copy that `db:migrate:schema:timestamps:add` leaves, as sequelize-cli names it. */
export function ledgerBackup(table: string): string {
  return `${table}Backup`;
}

/** The tables that say what has run: no part of a project's schema. */
export function ledgerTables({
  migrationLedger,
  seederLedger,
}: Pick<Project, 'migrationLedger' | 'seederLedger'>): LedgerTable[] {
  const own = [migrationLedger, seederLedger].filter(({ storage }) => storage === 'sequelize');
  return [
    ...own.map(({ table, schema }) => ({ name: table, schema })),
    ...own.map(({ table, schema }) => ({ name: ledgerBackup(table), schema })),
    ...USUAL.flatMap((name) => [{ name }, { name: ledgerBackup(name) }]),
  ];
}

/** Whether a table that a model names is a ledger, or one of keel's own: no model of the project's. */
export function isLedgerTable(
  project: Pick<Project, 'config' | 'migrationLedger' | 'seederLedger'>,
  table: LedgerTable,
): boolean {
  if (isKeelTableName(table.name, table.schema)) return true;
  // PostgreSQL folds a name that is not quoted.
  const fold = (name: string): string =>
    project.config.quoteIdentifiers === false ? name.toLowerCase() : name;
  return ledgerTables(project).some(
    ({ schema, name }) =>
      fold(name) === fold(table.name) &&
      (schema === undefined || table.schema === undefined || schema === table.schema),
  );
}
