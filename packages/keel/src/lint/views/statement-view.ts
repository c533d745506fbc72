import { stronger, type LockMode } from '../../runner/watch/lock-mode';
import type { Oid } from '../trace/traced-catalog';
import type { CatalogChange, ChangeOf, RelationRef } from '../trace/catalog-change';
import type { FileTrace, TracedStatement } from '../trace/trace';
import { transactionsOf } from './holds';
import type { RunView, Work } from './run-view';
import { spokenStatements } from './spoken-statements';
import { workOf } from './statement-work';

/** A table that a transaction has locked. */
export interface HeldTable {
  readonly table: RelationRef;
  readonly mode: LockMode;
}

/** One statement, with all that a rule may ask of it. */
export class StatementView {
  readonly statement: TracedStatement;

  constructor(
    readonly run: RunView,
    readonly file: FileTrace,
    /** Its place in the file. */
    readonly at: number,
  ) {
    this.statement = file.statements[at] as TracedStatement;
  }

  get sql(): string {
    return this.statement.sql;
  }

  /** The single statements that it asks for: more than one in a DO block. */
  get spoken(): string[] {
    return spokenStatements(this.sql);
  }

  get work(): Work {
    return workOf(this.run, this.statement);
  }

  /** Whether it works for longer than others should wait. */
  get isLong(): boolean {
    return this.run.exceeds(this.work);
  }

  /** Its changes of one kind, on tables that were there before this run. */
  changes<Type extends CatalogChange['type']>(type: Type): ChangeOf<Type>[] {
    return this.allChanges(type).filter(({ table }) => !this.run.isNew(table));
  }

  /** The same, on new tables too. */
  allChanges<Type extends CatalogChange['type']>(type: Type): ChangeOf<Type>[] {
    return this.statement.changes.filter(
      (change): change is ChangeOf<Type> => change.type === type,
    );
  }

  /** The tables that the transaction had locked before it, but for those that the run makes, with the strongest lock. */
  get heldBefore(): HeldTable[] {
    const [from] = transactionsOf(this.file).find(
      ([begin, end]) => this.at >= begin && this.at < end,
    ) ?? [this.at];
    return this.strongest(from, this.at);
  }

  /** The tables that are locked when it has run. */
  get held(): HeldTable[] {
    const before = this.heldBefore;
    const now = this.strongest(this.at, this.at + 1);
    const merged = new Map<Oid, HeldTable>();
    for (const { table, mode } of [...before, ...now])
      merged.set(table.oid, { table, mode: stronger(merged.get(table.oid)?.mode, mode) });
    return [...merged.values()];
  }

  private strongest(from: number, to: number): HeldTable[] {
    const held = new Map<Oid, HeldTable>();
    for (const { locks } of this.file.statements.slice(from, to)) {
      for (const { relation, mode } of locks) {
        if (this.run.isNew(relation)) continue;
        const known = held.get(relation.oid)?.mode;
        held.set(relation.oid, { table: relation, mode: stronger(known, mode) });
      }
    }
    return [...held.values()];
  }
}
