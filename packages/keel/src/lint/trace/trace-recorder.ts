import { performance } from 'node:perf_hooks';
import { needsNoTransaction } from '../../runner/attempt/findings';
import type {
  AskedStatement,
  RawQuery,
  StatementPlace,
  StatementTracer,
  TracedSend,
} from '../../runner/attempt/statement-tracer';
import { messageOf } from '../../errors';
import { splitStatements, transactionControl, type TransactionControl } from '../../db/sql-text';
import { lockModeOf } from '../../runner/watch/lock-mode';
import { isBackfillAsking, readCallSite, watchCalls } from './call-site';
import type { Catalog, CatalogRelation, Oid } from './traced-catalog';
import { CodeClock } from './code-clock';
import { compareCatalogs } from './compare-catalogs';
import { locksOutside } from './locks-outside';
import { readScans } from './read-scans';
import { readSessionSettings, readSnapshot, readWholeCatalog, type Snapshot } from './read-catalog';
import type { FileTrace, TracedStatement } from './trace';

/** The lock on an index goes with its table's, and nobody waits for that on a sequence. */
const NO_TABLES = new Set(['index', 'sequence']);

type Origin = Pick<TracedStatement, 'call' | 'source'>;

/** What a statement did, besides what it was. */
type Effects = Pick<TracedStatement, 'locks' | 'changes' | 'scans'>;

/** Watches the statements of one file at a time, and notes what each did. */
export class TraceRecorder implements StatementTracer {
  statements: TracedStatement[] = [];
  /** Every relation as it was after the last statement; undefined before the first. */
  private catalog: Map<Oid, CatalogRelation> | undefined;
  private locks = new Set<string>();
  private scans = new Map<Oid, number>();
  private readonly clock = new CodeClock();
  /** The session's own settings, as the first statement found them. */
  session: FileTrace['session'];
  /** Whether a transaction of the file's own was rolled back. */
  rollsBack = false;
  /** Whether it has called `backfill`, whose statements are left out. */
  backfills = false;
  /** How many transactions of its own a file without one has begun. */
  private begun = 0;
  /** How long the code worked after its last statement; undefined while it is not done. */
  private lastMs: number | undefined;
  /** Whether a file that runs without a transaction has begun one itself, by connection. */
  private readonly inOwn = new WeakSet<RawQuery>();

  constructor(
    private readonly root: string,
    private readonly migrations: string,
  ) {}

  watch(queryInterface: unknown): void {
    const { sequelize } = queryInterface as { readonly sequelize: object };
    watchCalls(queryInterface as object);
    watchCalls(sequelize);
  }

  /** A file begins, or begins again. */
  begin(): void {
    this.statements = [];
    this.session = undefined;
    this.rollsBack = false;
    this.backfills = false;
    this.begun = 0;
    this.catalog = undefined;
    this.locks.clear();
    this.scans.clear();
    this.lastMs = undefined;
    this.clock.restart();
  }

  controlled(kind: TransactionControl): void {
    this.rollsBack ||= kind === 'rollback';
  }

  settled(): void {
    this.lastMs = this.clock.ms;
  }

  /** For how long the file's code worked after its last statement. */
  get codeMs(): number {
    return this.lastMs ?? 0;
  }

  asked(statement: AskedStatement): TracedSend {
    // It commits small batches, for which nobody waits for long, and must find no transaction round its statements.
    if (isBackfillAsking()) {
      this.backfills = true;
      return (_place, send) => send();
    }
    const origin = readCallSite(this.root, this.migrations);
    return async (place, send) => {
      const parts = splitStatements(statement.sql);
      const whole = parts.length < 2 || (statement.values?.length ?? 0) > 0;
      if (whole) return this.run(statement, origin, place, send);
      const results: unknown[] = [];
      for (const sql of parts) {
        const sendPart = (): Promise<unknown> => place.raw.query(sql);
        results.push(await this.run({ sql, values: undefined }, origin, place, sendPart));
      }
      return results;
    };
  }

  private async run(
    statement: AskedStatement,
    origin: Origin,
    { raw, inTransaction }: StatementPlace,
    send: () => Promise<unknown>,
  ): Promise<unknown> {
    const codeMs = this.clock.ms;
    this.session ??= await readSessionSettings(raw);
    const control = inTransaction ? undefined : transactionControl(statement.sql);
    if (control !== undefined) return this.runControl(control, raw, send);
    if (inTransaction || this.inOwn.has(raw)) {
      this.catalog ??= await this.readBefore(raw);
      const transaction = this.begun;
      const note = { ...statement, ...origin, codeMs, inTransaction: true, transaction };
      return this.time(note, send, () => this.effects(raw, note));
    }
    const note = { ...statement, ...origin, codeMs, inTransaction: false, transaction: 0 };
    return this.runAlone(note, raw, send);
  }

  private async runControl(
    control: TransactionControl,
    raw: RawQuery,
    send: () => Promise<unknown>,
  ): Promise<unknown> {
    const result = await send();
    this.controlled(control);
    if (control === 'begin') this.begun += 1;
    if (control === 'begin') this.inOwn.add(raw);
    else if (control !== 'savepoint') this.inOwn.delete(raw);
    this.forgetTransaction();
    this.clock.restart();
    return result;
  }

  /** In a transaction for itself, so that its locks can be seen before they go. */
  private async runAlone(
    note: Note,
    raw: RawQuery,
    send: () => Promise<unknown>,
  ): Promise<unknown> {
    this.forgetTransaction();
    let before: Map<Oid, CatalogRelation> | undefined;
    await raw.query('BEGIN');
    try {
      before = await this.readBefore(raw);
      this.catalog = new Map(before);
      const result = await this.time(note, send, () => this.effects(raw, note));
      await raw.query('COMMIT');
      return result;
    } catch (error) {
      await raw.query('ROLLBACK');
      if (!needsNoTransaction(error)) throw error;
      this.statements.pop();
    } finally {
      this.forgetTransaction();
    }
    return this.time(note, send, async () => {
      const old = before ?? new Map<Oid, CatalogRelation>();
      const changes = compareCatalogs(old, await this.readBefore(raw), () => true);
      return { changes, ...locksOutside(note.sql, changes, old) };
    });
  }

  private async time(
    note: Note,
    send: () => Promise<unknown>,
    effects: () => Promise<Effects>,
  ): Promise<unknown> {
    const start = performance.now();
    const end = (): number => performance.now() - start;
    try {
      const result = await send();
      const durationMs = end();
      this.statements.push({ ...note, durationMs, ...(await effects()), error: undefined });
      return result;
    } catch (error) {
      const nothing: Effects = { locks: [], changes: [], scans: [] };
      this.statements.push({ ...note, durationMs: end(), ...nothing, error: messageOf(error) });
      throw error;
    } finally {
      this.clock.restart();
    }
  }

  private async effects(raw: RawQuery, asked: AskedStatement): Promise<Effects> {
    const before = this.catalog ?? new Map<Oid, CatalogRelation>();
    const snapshot = await readSnapshot(raw);
    const seen = new Map(snapshot.relations.map((relation) => [relation.oid, relation]));
    const locked = new Set(snapshot.locks.map(({ oid }) => oid));
    const changes = compareCatalogs(before, seen, (oid) => locked.has(oid));
    const news = this.news(snapshot, before, seen);
    const effects = { changes, ...news, scans: await readScans(raw, asked, seen, news.scans) };
    for (const { oid } of snapshot.locks) if (!seen.has(oid)) before.delete(oid);
    for (const [oid, relation] of seen) before.set(oid, relation);
    this.catalog = before;
    return effects;
  }

  /** The locks and scans that are new since the last look. */
  private news(
    { locks, scans }: Snapshot,
    before: Catalog,
    after: Catalog,
  ): Pick<Effects, 'locks' | 'scans'> {
    const find = (oid: Oid): CatalogRelation | undefined => before.get(oid) ?? after.get(oid);
    const taken = locks.flatMap(({ oid, mode }) => {
      const relation = find(oid);
      const key = `${oid} ${mode}`;
      if (!relation || NO_TABLES.has(relation.kind) || this.locks.has(key)) return [];
      this.locks.add(key);
      // Nobody knows of a view that the statement itself has made; of a table `changes` tells that.
      if (relation.kind === 'view' && !before.has(oid)) return [];
      const written = relation.kind === 'table' || relation.kind === 'partitioned';
      return [{ relation: { oid, name: relation.name }, mode: lockModeOf(mode), written }];
    });
    const read = scans.flatMap(({ oid, scans: count }) => {
      const relation = find(oid);
      if (count <= (this.scans.get(oid) ?? 0)) return [];
      this.scans.set(oid, count);
      return relation && !NO_TABLES.has(relation.kind) ? [{ oid, name: relation.name }] : [];
    });
    return { locks: taken, scans: read };
  }

  /** Everything as it is before a statement, the scans among it that are none of its own. */
  private async readBefore(raw: RawQuery): Promise<Map<Oid, CatalogRelation>> {
    const { relations, scans } = await readWholeCatalog(raw);
    for (const { oid, scans: count } of scans) this.scans.set(oid, count);
    return new Map(relations.map((relation) => [relation.oid, relation]));
  }

  private forgetTransaction(): void {
    this.catalog = undefined;
    this.locks.clear();
    this.scans.clear();
  }
}

type Note = AskedStatement &
  Origin &
  Pick<TracedStatement, 'codeMs' | 'inTransaction' | 'transaction'>;
