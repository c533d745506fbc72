import { findBinaries } from '../embedded/binaries';
import { dataFolderOf, readRecord } from '../embedded/home-folder';
import { isAlive } from '../embedded/processes';
import type { Project } from '../project/project';
import { withConnection } from '../project/read-project';
import { faultOf, ok, type DoctorFinding } from './doctor-finding';

/** The embedded server: what was found, and the project on it where it runs. Nothing is started. */
export function examineEmbedded(project: Project): {
  readonly findings: readonly DoctorFinding[];
  readonly running: Project | undefined;
} {
  const { home, root } = project.paths;
  try {
    const { version } = findBinaries([root]);
    const record = readRecord(home);
    const isRunning = record !== undefined && isAlive(record.pid);
    const data = dataFolderOf(home);
    const what = `PostgreSQL ${version}, ${data === undefined ? 'no data yet' : `data in ${data}`}`;
    if (!isRunning) {
      const next =
        'Every command that needs it starts it. To look further: keel db:start, then keel doctor';
      const finding = { ...ok('embedded', `${what}; it does not run`), next };
      return { findings: [finding], running: undefined };
    }
    const { host, port } = record;
    return {
      findings: [ok('embedded', `${what}; it runs at ${host}:${port}`)],
      running: { ...withConnection(project, { host, port }), embedded: true },
    };
  } catch (error) {
    return { findings: [faultOf('embedded', error)], running: undefined };
  }
}

/** Where scratch databases go that the role may not make. */
export function hasEmbedded(root: string): boolean {
  try {
    return Boolean(findBinaries([root]));
  } catch {
    return false;
  }
}
