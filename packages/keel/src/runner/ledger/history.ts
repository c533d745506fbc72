import os from 'node:os';
import type pg from 'pg';
import { isConnectionLoss } from '../../db/connection-error';
import { CREATE_KEEL_SCHEMA, findKeelTable, type KeelTablePlace } from '../../db/keel-schema';
import { isoTime, quoteLiteral } from '../../db/quote';
import type { AppliedRecord } from '../files/migration-state';
import type { RunMode } from '../files/run-mode';
import { triggersSql } from './triggers-sql';

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
  /** When the row is written where undefined, as in a script that is run later. */
  readonly startedAt: Date | undefined;
  readonly durationMs: number;
  /** Why it took more than one try (the modes that were left, and why), and what it did not wait for. */
  readonly note: string | undefined;
}

/** An array: for thousands of rows pg takes half the time that objects take. */
type HistoryRow = readonly [
  name: string,
  direction: string,
  checksum: string | null,
  batch: number,
  durationMs: number,
  osUser: string,
  host: string,
  dbUser: string,
  appliedAt: string,
];

/** What the history tells of a ledger. */
export interface HistoryRecords {
  /** The last application of each file. */
  readonly records: Map<string, AppliedRecord>;
  /** The number of the last run; 0 where there was none. */
  readonly lastBatch: number;
}

/** What a file's row holds besides the ledger that it belongs to. */
const COLUMNS = `kind, name, direction, checksum, batch, mode, started_at, duration_ms, note,
  os_user, host, db_user, keel_version`;

/**
 * The history's table: who ran what, when, and from which text. It has no sequence or other object of its
 * own, and no rule but its primary key, so that a ledger's life does not depend on it.
 */
export class History {
  private place: KeelTablePlace | undefined;
  private ledger = '';

  /** @param schema the ledger's, where it has one */
  constructor(private readonly schema: string | undefined) {}

  /**
   * Reads what is known of the files of a ledger; nothing where there is no table.
   *
   * @param ledger tells the ledgers of a database apart: their rows are in one table
   */
  async read(client: pg.Client, kind: MigrationKind, ledger: string): Promise<HistoryRecords> {
    this.ledger = ledger;
    const { own, beside } = (this.place = await findKeelTable(client, 'history', this.schema));
    const columns = 'name, direction, checksum, batch, duration_ms, os_user, host, db_user';
    const sources = [
      ...(own === undefined
        ? []
        : [
            `SELECT ${columns}, started_at FROM ${own} WHERE kind = $1 AND ledger IN ($2, ${this.carried})`,
          ]),
      ...(beside === undefined
        ? []
        : [
            `SELECT ${columns}, started_at FROM ${beside} WHERE kind = $1 AND $2::text IS NOT NULL`,
          ]),
    ];
    if (sources.length === 0) return { records: new Map(), lastBatch: 0 };
    const { rows } = await client.query<[...HistoryRow]>({
      rowMode: 'array',
      // The time as text: pg takes longer to make a thousand dates than to read all the rest.
      text: `SELECT DISTINCT ON (name) ${columns},
              ${isoTime('started_at')} AS applied_at
         FROM (${sources.join(' UNION ALL ')}) all_rows
        ORDER BY name, started_at DESC, direction`,
      values: [kind, ledger],
    });
    const applied = rows.filter(([, direction]) => direction === 'up');
    return {
      records: new Map(applied.map((row) => [row[0], recordOf(row)])),
      lastBatch: rows.reduce((last, [, , , batch]) => Math.max(last, batch), 0),
    };
  }

  /** Makes the table unless it is there, and fetches the rows of one from before keel had a schema. */
  async prepare(client: pg.Client): Promise<void> {
    const { exists, inKeelSchema, beside } = this.known;
    if (!exists) await client.query(this.createSql());
    if (inKeelSchema && beside !== undefined) await this.carryOver(client, beside);
  }

  /** The rows of a table beside are those of every ledger in its schema. */
  private get carried(): string {
    return quoteLiteral(`${this.known.besideSchema ?? ''}.*`);
  }

  private get known(): KeelTablePlace {
    if (!this.place) throw new Error('The history has not been read.');
    return this.place;
  }

  /**
   * Where the role may not drop the old table, or something depends on it, both are read and nothing is lost; the
   * next run tries again.
   */
  private async carryOver(client: pg.Client, beside: string): Promise<void> {
    const body = `BEGIN
      PERFORM pg_catalog.set_config('lock_timeout', '2s', true);
      LOCK TABLE ${beside};
      INSERT INTO ${this.known.table} (ledger, ${COLUMNS}) SELECT ${this.carried}, ${COLUMNS} FROM ${beside}
        ON CONFLICT DO NOTHING;
      DROP TABLE ${beside};
    END`;
    try {
      await client.query(`DO ${quoteLiteral(body)}`);
    } catch (error) {
      if (isConnectionLoss(error)) throw error;
    }
  }

  /** SQL that makes the table, and its schema, unless they are there. */
  createSql(): string {
    const { table, inKeelSchema } = this.known;
    return `${inKeelSchema ? `${CREATE_KEEL_SCHEMA}; ` : ''}CREATE TABLE IF NOT EXISTS ${table} (
      ${inKeelSchema ? 'ledger text NOT NULL, ' : ''}kind text NOT NULL, name text NOT NULL,
      direction text NOT NULL, checksum text, batch integer NOT NULL, mode text NOT NULL,
      started_at timestamp with time zone NOT NULL, duration_ms integer NOT NULL, note text,
      os_user text NOT NULL, host text NOT NULL, db_user text NOT NULL, keel_version text NOT NULL,
      PRIMARY KEY (${inKeelSchema ? 'ledger, ' : ''}kind, name, started_at, direction))`;
  }

  /** SQL for the statements that drop what triggers a project has put on the table. */
  triggersSql(): string {
    return triggersSql(this.known.table);
  }

  insertSql(entry: HistoryEntry, version: string): string {
    const { table, inKeelSchema } = this.known;
    const values = [
      entry.kind,
      entry.name,
      entry.direction,
      entry.checksum,
      `${entry.batch}`,
      entry.mode,
      // PostgreSQL reads this text as the time of the transaction.
      entry.startedAt?.toISOString() ?? 'now',
      `${Math.round(entry.durationMs)}`,
      entry.note,
      osUser,
      hostname,
    ].map((value) => (value === undefined ? 'NULL' : quoteLiteral(value)));
    const [column, ledger] = inKeelSchema
      ? ['ledger, ', `${quoteLiteral(this.ledger)}, `]
      : ['', ''];
    return `INSERT INTO ${table} (${column}${COLUMNS})
      VALUES (${ledger}${values.join(', ')}, current_user, ${quoteLiteral(version)}) ON CONFLICT DO NOTHING`;
  }
}

function recordOf(row: HistoryRow): AppliedRecord {
  const [, , checksum, batch, durationMs, osUser, host, dbUser, appliedAt] = row;
  return {
    checksum: checksum ?? undefined,
    batch,
    appliedAt,
    durationMs,
    appliedBy: `${osUser}@${host} (${dbUser})`,
  };
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
