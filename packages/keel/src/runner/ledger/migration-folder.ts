import type pg from 'pg';
import type { Project } from '../../project/project';
import { checksum } from '../files/checksum';
import { listFiles } from '../files/list-files';
import { History, type MigrationKind } from './history';
import type { Ledger } from './ledger';
import { openLedger } from './open-ledger';
import { planState, type MigrationState } from '../files/migration-state';

/** The migrations or the seeders of a project: a folder, its ledger, and keel's history of it. */
export interface MigrationFolder {
  readonly kind: MigrationKind;
  readonly path: string;
  readonly flag: string;
  readonly ledger: Ledger;
  readonly history: History;
  /** Checksums that have been computed, by file name. */
  readonly checksums: Map<string, string>;
}

/** The project's migrations or seeders. */
export function openFolder(project: Project, kind: MigrationKind): MigrationFolder {
  const settings = kind === 'migration' ? project.migrationLedger : project.seederLedger;
  return {
    kind,
    path: kind === 'migration' ? project.paths.migrations : project.paths.seeders,
    flag: kind === 'migration' ? 'migrations-path' : 'seeders-path',
    ledger: openLedger(settings),
    history: new History(settings.schema),
    checksums: new Map(),
  };
}

/** Reads the folder against its ledger; with `history`, also what keel knows of each file. */
export async function readFolder(
  folder: MigrationFolder,
  client: pg.Client,
  options: { readonly history: boolean; readonly checksums: boolean },
): Promise<{ readonly states: MigrationState[]; readonly lastBatch: number }> {
  const [files, ledger] = [
    await listFiles(folder.path, folder.flag),
    await folder.ledger.read(client),
  ];
  if (!options.history) return { states: planState({ files, ledger }), lastBatch: 0 };
  const { records, lastBatch } = await folder.history.read(
    client,
    folder.kind,
    folder.ledger.identity,
  );
  const { checksums } = folder;
  for (const { name, path } of options.checksums ? files : []) {
    if (records.has(name) && !checksums.has(name)) checksums.set(name, checksum(path));
  }
  return { states: planState({ files, ledger, history: records, checksums }), lastBatch };
}
