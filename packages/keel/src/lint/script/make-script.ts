import { quoteIdentifier, quoteLiteral, quoteTable } from '../../db/quote';
import { KeelError } from '../../errors';
import { keelVersion } from '../../keel-version';
import type { Project } from '../../project/project';
import { withProjectClient } from '../../project/with-project-client';
import { checksum } from '../../runner/files/checksum';
import type { MigrationState } from '../../runner/files/migration-state';
import { selectUp, type UpRequest } from '../../runner/files/select-files';
import { openFolder, readFolder, type MigrationFolder } from '../../runner/ledger/migration-folder';
import { keyOf } from '../../runner/with-plan';
import { traceOf, type LintOptions } from '../lint-project';
import { readFacts } from '../read-facts';
import { planTrace } from '../select-traced';
import type { FileTrace, Trace } from '../trace/trace';
import { RunView } from '../views/run-view';
import { findObstacle } from './find-obstacle';
import { renderScript, type ScriptFile } from './render-script';

/** A script that has been made. */
export interface ScriptResult {
  /** The pending migrations that it applies. */
  readonly migrations: readonly string[];
  readonly script: string;
}

/**
 * The pending migrations as one script for psql, from a run on a scratch database. The real one is only read.
 *
 * @throws KeelError SCRIPT_NOT_WRITTEN where a file cannot be told in SQL
 */
export async function makeScript(
  project: Project,
  request: UpRequest,
  options: Pick<LintOptions, 'exclusive' | 'signal'>,
): Promise<ScriptResult> {
  const folder = openFolder(project, 'migration');
  requireTable(folder);
  const { states, lastBatch } = await withProjectClient(project, (client) =>
    readFolder(folder, client, { history: true, checksums: false }),
  );
  const facts = await readFacts(project);
  const selected = selectUp(states, request, 'db:migrate:status');
  const files = selected.flatMap(({ file }) => file ?? []);
  if (files.length === 0) return { migrations: [], script: '' };
  const { before } = planTrace(states, {});
  // Values that went through a kept trace are texts and no longer what they were.
  const plan = { before, files, runs: [] };
  const trace = await traceOf(project, facts, plan, { ...options, cache: false });
  requireScriptable(trace, facts.sizes);
  const batch = lastBatch + 1;
  const script = renderScript({
    head: headOf(project),
    prepare: prepareOf(folder, states),
    files: trace.files.map((file) => scriptFile(folder, selected, file, batch)),
    finish: [`SELECT pg_catalog.pg_advisory_unlock(${keyOf(folder)}) AS done`],
  });
  return { migrations: files.map(({ name }) => name), script };
}

function headOf({ connection, migrationLedger }: Project): string[] {
  return [
    `Migrations of the database ${connection.database}, written by keel ${keelVersion()} from a run on a scratch database.`,
    'Run it with psql: psql -f <this file> "$DATABASE_URL"',
    `Whoever runs it owns what it makes. keel would be ${connection.user ?? 'the role of the config'}.`,
    `A file that ${migrationLedger.table} has is skipped: after a failure, correct what it says and run the script again.`,
    'A file without a transaction begins anew then.',
  ];
}

function prepareOf(folder: MigrationFolder, states: readonly MigrationState[]): string[] {
  const { ledger, history } = folder;
  const last = states.findLast(({ status }) => status === 'applied');
  // It tries once: whoever waits for the lock holds a snapshot, for which CREATE INDEX CONCURRENTLY of its holder waits.
  const lock = `IF NOT pg_catalog.pg_try_advisory_lock(${keyOf(folder)}) THEN
    RAISE EXCEPTION 'Another run of keel is going on; wait for its end, then run this script again.'; END IF;`;
  const wrong = `This database has not applied ${last?.name ?? ''}, which this script was written on top of.`;
  const known =
    last &&
    `IF NOT EXISTS (SELECT FROM ${ledgerTable(folder)} WHERE name = ${quoteLiteral(last.ledgerName ?? last.name)}) THEN
    RAISE EXCEPTION USING MESSAGE = ${quoteLiteral(wrong)}; END IF;`;
  const doing = (body: string): string => `DO ${quoteLiteral(`BEGIN ${body} END`).trim()}`;
  return [
    doing(lock),
    ...ledger.createSql().split('; '),
    ...history.createSql().split('; '),
    ...(known ? [doing(known)] : []),
  ];
}

function ledgerTable({ ledger: { settings } }: MigrationFolder): string {
  return quoteTable(settings.schema, settings.table);
}

function scriptFile(
  folder: MigrationFolder,
  selected: readonly MigrationState[],
  trace: FileTrace,
  batch: number,
): ScriptFile {
  const { ledger, history, kind } = folder;
  const state = selected.find(({ name }) => name === trace.name);
  const entry = {
    kind,
    name: trace.name,
    direction: 'up' as const,
    checksum: state?.file && checksum(state.file.path),
    batch,
    mode: trace.mode,
    startedAt: undefined,
    durationMs: 0,
    note: 'run by a script of db:migrate --sql',
  };
  const inserts = [
    ledger.insertSql(trace.name, { tolerant: false }),
    history.insertSql(entry, keelVersion()),
  ];
  return {
    trace,
    pendingSql: `SELECT NOT EXISTS (SELECT FROM ${ledgerTable(folder)} WHERE ${quoteIdentifier('name')} = ${quoteLiteral(trace.name)})`,
    recordSql: inserts.join(';\n'),
  };
}

function requireTable({ ledger: { settings } }: MigrationFolder): void {
  if (settings.storage === 'sequelize') return;
  throw refused([`migrationStorage is "${settings.storage}", and SQL writes into tables only`]);
}

function requireScriptable(trace: Trace, sizes: RunView['input']['sizes']): void {
  const run = new RunView({ ...trace, sizes, threshold: {} });
  const obstacles = trace.files.flatMap((file) => {
    const obstacle = findObstacle(run, file);
    return obstacle === undefined ? [] : [`${file.name}: ${obstacle}`];
  });
  if (obstacles.length > 0) throw refused(obstacles);
}

function refused(details: readonly string[]): KeelError {
  return new KeelError('The migrations cannot be written as a script of SQL.', {
    code: 'SCRIPT_NOT_WRITTEN',
    details: [...details],
    state: 'Nothing was written, and the database is as it was.',
    hint: 'Write a script of those before, with --to, and run this one with: keel db:migrate --name <name>',
  });
}
