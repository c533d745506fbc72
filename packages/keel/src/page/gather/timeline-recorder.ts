import type pg from 'pg';
import { close } from '../../db/client';
import type { NamedRelation } from '../../lint/trace/traced-catalog';
import { maskSecrets } from '../../mask-secrets';
import { ledgerTables } from '../../project/ledger-tables';
import { openProjectClient } from '../../project/with-project-client';
import type { Project } from '../../project/project';
import type {
  AskedStatement,
  StatementTracer,
  TracedSend,
} from '../../runner/attempt/statement-tracer';
import type { RunEvent } from '../../runner/results';
import { isUserNamespace, keySql } from '../../schema/catalog';
import { keyOf } from '../../schema/object-names';
import { readSchema } from '../../schema/read-schema';
import type { Schema } from '../../schema/schema';
import type { PageLock, TableChange, TableShape } from '../document/page-document';
import type { Timeline } from '../document/page-sources';
import { compareShapes } from '../plan/compare-shapes';
import { shapeTable } from '../plan/shape-table';
import { MigrationLocks } from './migration-locks';

const SHOWN_STATEMENTS = 100;

/** What is known of a file that was replayed. */
interface Seen {
  readonly statements?: readonly string[];
  readonly changes?: readonly TableChange[];
  readonly locks?: readonly PageLock[];
}

/**
 * Notes what each file of a run changes. What a file has built is read when the next one sends its first statement:
 * then the one before is committed, and the runner need not stop between them.
 */
export class TimelineRecorder implements StatementTracer {
  private readonly seen = new Map<string, Seen>();
  private tables: ReadonlyMap<string, TableShape> = new Map();
  private locks = new MigrationLocks(new Map());
  /** Whether the file has sent nothing yet, or begins again. */
  private isFresh = true;
  /** The file that runs, or has run and is not read yet. */
  private unread: string | undefined;
  /**
   * A session of its own: what is read leaves no mark on the file's. It is opened before the run, as what connects while
   * a file runs counts as the file's.
   */
  private readonly client: Promise<pg.Client>;

  constructor(private readonly scratch: Project) {
    this.client = openProjectClient(scratch);
    this.client.catch(() => undefined);
  }

  readonly onEvent = (event: RunEvent): void => {
    if (event.type === 'start' || event.type === 'retry') this.isFresh = true;
    else if (event.type === 'sent') this.add(event.name, { statements: event.statements });
    else if (event.type === 'done' && !this.isFresh) {
      this.unread = event.file.name;
      this.add(event.file.name, { locks: this.locks.list() });
    }
  };

  watch(): void {
    // The statements are enough.
  }

  settled(): void {
    // The same.
  }

  asked({ sql }: AskedStatement): TracedSend {
    return async (place, send) => {
      if (this.isFresh) await this.beginFile();
      const result = await send();
      await this.locks.note(sql, place);
      return result;
    };
  }

  /** Notes what the last file has built; `schema` is all of it. */
  finish({ tables }: Schema): void {
    this.take(tables);
  }

  timeline(names: readonly string[]): Timeline {
    return {
      steps: names.map((name) => {
        const { statements = [], changes = [], locks = [] } = this.seen.get(name) ?? {};
        return { name, statements: shown(statements), changes, locks };
      }),
      tables: [...this.tables.values()],
    };
  }

  async close(): Promise<void> {
    const client = await this.client.catch(() => undefined);
    if (client !== undefined) await close(client);
  }

  private async beginFile(): Promise<void> {
    this.isFresh = false;
    const client = await this.client;
    if (this.unread !== undefined) {
      const { tables } = await readSchema(client, {
        ignore: ledgerTables(this.scratch),
        patterns: this.scratch.settings.ignore,
        tablesOnly: true,
      });
      this.take(tables);
    }
    this.locks = new MigrationLocks(await readRelations(client));
  }

  private take(tables: Schema['tables']): void {
    const now = new Map(tables.map((table) => [keyOf(table), shapeTable(table)]));
    if (this.unread !== undefined)
      this.add(this.unread, { changes: compareShapes(this.tables, now) });
    this.unread = undefined;
    this.tables = now;
  }

  private add(name: string, more: Seen): void {
    this.seen.set(name, { ...this.seen.get(name), ...more });
  }
}

async function readRelations(client: pg.Client): Promise<ReadonlyMap<number, NamedRelation>> {
  const { rows } = await client.query<NamedRelation>(
    `SELECT c.oid::int8::float8 AS oid, ${keySql('n.nspname', 'c.relname')} AS name,
        CASE c.relkind WHEN 'p' THEN 'partitioned' ELSE 'table' END AS kind
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND ${isUserNamespace('n')}`,
  );
  return new Map(rows.map((relation) => [relation.oid, relation]));
}

function shown(statements: readonly string[]): string[] {
  const left = statements.length - SHOWN_STATEMENTS;
  return [
    ...statements.slice(0, SHOWN_STATEMENTS).map(maskSecrets),
    ...(left > 0 ? [`-- and ${left} more`] : []),
  ];
}
