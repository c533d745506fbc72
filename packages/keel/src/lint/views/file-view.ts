import type { FileTrace } from '../trace/trace';
import { holdsOf, type Hold } from './holds';
import type { RunView } from './run-view';
import { StatementView } from './statement-view';

/** One file, with all that a rule may ask of it. */
export class FileView {
  readonly statements: readonly StatementView[];
  readonly holds: readonly Hold[];

  constructor(
    readonly run: RunView,
    readonly file: FileTrace,
  ) {
    this.statements = file.statements.map((_, at) => new StatementView(run, file, at));
    this.holds = holdsOf(run, file);
  }

  /** The holds that are too long. */
  get longHolds(): Hold[] {
    return this.holds.filter(({ writes }) => writes !== undefined && this.run.exceeds(writes));
  }
}
