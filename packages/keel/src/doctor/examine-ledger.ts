import type pg from 'pg';
import { findKeelTable } from '../db/keel-schema';
import { quoteTable } from '../db/quote';
import { isKeelError } from '../errors';
import type { Project } from '../project/project';
import { planState, type MigrationState } from '../runner/files/migration-state';
import { reviewFiles } from '../runner/files/review-files';
import type { MigrationKind } from '../runner/ledger/history';
import { openFolder, readFolder, type MigrationFolder } from '../runner/ledger/migration-folder';
import { fault, faultOf, ok, warning, type DoctorFinding } from './doctor-finding';

/** Where migrations or seeders stand: what is recorded, by whom, and what is doubtful about it. */
export async function examineLedger(
  project: Project,
  kind: MigrationKind,
  client: pg.Client,
): Promise<DoctorFinding[]> {
  const folder = openFolder(project, kind);
  const { settings } = folder.ledger;
  if (settings.storage === 'none') {
    const next = `Set ${kind}Storage: 'sequelize' in the config, so that each runs once.`;
    return [{ ...ok(`${kind}s`, 'not recorded: each run runs all of them'), next }];
  }
  try {
    const states = await readStates(folder, client);
    const names = states.map(({ ledgerName }) => ledgerName).filter((name) => name !== undefined);
    const place =
      settings.storage === 'json' ? settings.path : await placeOf(folder, client, names.length);
    const pending = states.filter(({ status }) => status === 'pending').length;
    const text = `${place}; ${names.length} recorded, ${pending} pending`;
    return [
      pending === 0 ? ok(`${kind}s`, text) : { ...ok(`${kind}s`, text), next: nextOf(kind) },
      ...review(states, kind, project),
    ];
  } catch (error) {
    return [denied(folder, error) ?? faultOf(`${kind}s`, error)];
  }
}

function nextOf(kind: MigrationKind): string {
  return `Run them with: ${kind === 'migration' ? 'keel db:migrate' : 'keel db:seed:all'}`;
}

/** A role that may not read the table cannot tell what is pending. */
function denied(
  { kind, ledger: { settings } }: MigrationFolder,
  error: unknown,
): DoctorFinding | undefined {
  if ((error as { code?: unknown }).code !== '42501') return undefined;
  const table = quoteTable(settings.schema, settings.table);
  return fault(
    `${kind}s`,
    `this role may not read ${table}`,
    `Let its owner grant SELECT, INSERT and DELETE on ${table}.`,
  );
}

/** Without its folder every row of the ledger lacks its file. */
async function readStates(folder: MigrationFolder, client: pg.Client): Promise<MigrationState[]> {
  try {
    return (await readFolder(folder, client, { history: true, checksums: true })).states;
  } catch (error) {
    if (!isKeelError(error, 'FOLDER_NOT_FOUND')) throw error;
    return planState({ files: [], ledger: await folder.ledger.read(client) });
  }
}

/** What a run would say, and what it would refuse. */
function review(
  states: readonly MigrationState[],
  kind: MigrationKind,
  project: Project,
): DoctorFinding[] {
  const { strict, allowMissing = false } = project.settings;
  const next = states.some(({ missing }) => missing)
    ? 'Bring the files back, or see what is recorded with: ' +
      (kind === 'migration' ? 'keel db:migrate:status' : 'keel db:seed:status')
    : undefined;
  try {
    return reviewFiles(states, { strict, allowMissing }).map((text) =>
      warning(`${kind}s`, text.replace(/\.$/, ''), next),
    );
  } catch (error) {
    return [faultOf(`${kind}s`, error)];
  }
}

async function placeOf(
  { kind, ledger }: MigrationFolder,
  client: pg.Client,
  rows: number,
): Promise<string> {
  const { schema, table } = ledger.settings;
  if (!ledger.exists) return `no table ${quoteTable(schema, table)} yet, the first run makes it`;
  const place = `table ${quoteTable(schema, table)}`;
  if (rows === 0) return place;
  const { name, by } = await lastWriter(client, kind, quoteTable(schema, table), schema);
  return `${place}, written last by ${by} (${name})`;
}

/**
 * Who recorded the last file. keel writes a row of its history right after that of the ledger, so the one is no older
 * than the other; other tools write none. The youngest row is that of the youngest transaction, unless the table came
 * from a dump, where all are of one.
 */
async function lastWriter(
  client: pg.Client,
  kind: MigrationKind,
  ledger: string,
  schema: string | undefined,
): Promise<{ readonly name: string; readonly by: string }> {
  const { rows } = await client.query<{ name: string; age: number }>(
    `SELECT name, pg_catalog.age(xmin) AS age FROM ${ledger} ORDER BY age, ctid DESC LIMIT 1`,
  );
  const { name } = rows[0]!;
  const { own, beside } = await findKeelTable(client, 'history', schema);
  for (const history of [own, beside]) {
    if (history === undefined) continue;
    const { rowCount } = await client.query(
      `SELECT FROM ${history} h, ${ledger} l
        WHERE kind = $1 AND h.name = $2 AND direction = 'up' AND l.name = $2
          AND pg_catalog.age(h.xmin) <= pg_catalog.age(l.xmin) LIMIT 1`,
      [kind, name],
    );
    if (rowCount === 1) return { name, by: 'keel' };
  }
  return { name, by: 'another tool, such as sequelize-cli' };
}
