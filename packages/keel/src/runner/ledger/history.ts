import os from 'node:os';
import type pg from 'pg';
import { quoteLiteral, quoteTable } from '../../db/quote';
import type { AppliedRecord } from '../files/migration-state';
import type { RunMode } from '../attempt/findings';

/** Which ledger a row of the history belongs to. */
export type MigrationKind = 'migration' | 'seeder';

/** A row to write: one file that ran, up or down. */
export interface HistoryEntry {
  readonly kind: MigrationKind;
  readonly name: string;
  readonly direction: 'up' | 'down';
  /** SHA-256 of the file; undefined for a file that is recorded without being run. */
  readonly checksum: string | undefined;
  readonly batch: number;
  readonly mode: RunMode | 'fake';
  readonly startedAt: Date;
  readonly durationMs: number;
  /** Why it took more than one try (the modes that were left, and why), and what it did not wait for. */
  readonly note: string | undefined;
}

/** Where keel keeps its own history: beside the ledger, whose columns are not keel's to change. */
export const HISTORY_TABLE = 'keel_history';

/**
 * The history's table: who ran what, when, and from which text. It has no sequence or other object of its
 * own, and no rule but its primary key, so that a ledger's life does not depend on it.
 */
export class History {
  /** Whether the table was there, and readable, at the last reading. */
  exists = false;

  constructor(private schema: string | undefined) {}

  private get table(): string {
    return quoteTable(this.schema, HISTORY_TABLE);
  }

  /** The last application of each file of a kind, and the highest batch; empty where the table is not there. */
  async read(
    client: pg.Client,
    kind: MigrationKind,
  ): Promise<{ readonly records: Map<string, AppliedRecord>; readonly lastBatch: number }> {
    const found = await client.query<{ there: boolean | null; schema: string | null }>(
      `SELECT pg_catalog.has_table_privilege(t.oid, 'SELECT') AS there, coalesce(n.nspname, current_schema()) AS schema
         FROM (SELECT pg_catalog.to_regclass($1) AS oid) t
         LEFT JOIN pg_catalog.pg_class c ON c.oid = t.oid
         LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`,
      [this.table],
    );
    // Named with its schema from now on, since a migration may change the search_path.
    this.schema ??= found.rows[0]?.schema ?? undefined;
    this.exists = found.rows[0]?.there ?? false;
    if (!this.exists) return { records: new Map(), lastBatch: 0 };
    const { rows } = await client.query<{
      name: string;
      direction: string;
      checksum: string | null;
      batch: number;
      started_at: Date;
    }>(
      `SELECT DISTINCT ON (name) name, direction, checksum, batch, started_at FROM ${this.table}
        WHERE kind = $1 ORDER BY name, started_at DESC, direction`,
      [kind],
    );
    const applied = rows.filter(({ direction }) => direction === 'up');
    return {
      records: new Map(
        applied.map((row) => [
          row.name,
          {
            checksum: row.checksum ?? undefined,
            batch: row.batch,
            appliedAt: row.started_at.toISOString(),
          },
        ]),
      ),
      lastBatch: rows.reduce((last, { batch }) => Math.max(last, batch), 0),
    };
  }

  /** SQL that makes the table unless it is there. */
  createSql(): string {
    return `CREATE TABLE IF NOT EXISTS ${this.table} (
      kind text NOT NULL, name text NOT NULL, direction text NOT NULL, checksum text, batch integer NOT NULL,
      mode text NOT NULL, started_at timestamp with time zone NOT NULL, duration_ms integer NOT NULL,
      note text, os_user text NOT NULL, host text NOT NULL, db_user text NOT NULL, keel_version text NOT NULL,
      PRIMARY KEY (kind, name, started_at, direction))`;
  }

  insertSql(entry: HistoryEntry, version: string): string {
    const values = [
      entry.kind,
      entry.name,
      entry.direction,
      entry.checksum,
      String(entry.batch),
      entry.mode,
      entry.startedAt.toISOString(),
      String(Math.round(entry.durationMs)),
      entry.note,
      osUser,
      hostname,
    ].map((value) => (value === undefined ? 'NULL' : quoteLiteral(value)));
    return `INSERT INTO ${this.table} (kind, name, direction, checksum, batch, mode, started_at, duration_ms, note,
      os_user, host, db_user, keel_version) VALUES (${values.join(', ')}, current_user, ${quoteLiteral(version)}) ON CONFLICT DO NOTHING`;
  }
}

const hostname = os.hostname();
const osUser = readUser();

/** The user at the operating system; a container's may have no name. */
function readUser(): string {
  try {
    return os.userInfo().username;
  } catch {
    return process.env.USER ?? 'unknown';
  }
}
