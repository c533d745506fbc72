import type { Project } from '../project/project';
import type { FileLoader } from './files/file-loader';
import type { MigrationFolder } from './ledger/migration-folder';
import type { RecordWriter } from './ledger/record-writer';
import type { RunEvent } from './results';
import type { Session } from './session/session';

/** What all files of a run share. */
export interface RunContext {
  readonly project: Project;
  readonly folder: MigrationFolder;
  readonly direction: 'up' | 'down';
  readonly session: Session;
  readonly writer: RecordWriter;
  readonly files: FileLoader;
  /** Matches a statement that names the ledger's table, or may drop it without naming it. */
  readonly ledgerPattern: RegExp;
  /** How often a file that ran into a timeout is tried again; undefined where nobody says. */
  readonly retries: number | undefined;
  /** For how long a file is tried again while others hold the locks that it needs, in milliseconds. */
  readonly lockWaitMs: number;
  readonly emit: (event: RunEvent) => void;
}

/** Matches a statement that names the ledger's table, or may drop it without naming it. */
export function ledgerPattern({ ledger }: MigrationFolder): RegExp {
  const name = ledger.settings.table.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(
    `${name}|\\bdrop\\s+(schema|owned)\\b|\\bexecute\\b[^;]*\\bdrop\\s+table\\b`,
    'i',
  );
}
