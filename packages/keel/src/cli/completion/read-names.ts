import { findConfigFile, readEnvironments } from '../../project/read-config-file';
import type { ProjectFlags } from '../../project/project-flags';
import { readOutline } from '../../project/read-project';
import { listFiles } from '../../runner/files/list-files';
import type { ProjectNames } from './complete-line';

/** Reads names from the project; none where it cannot be read, as nobody can be told while a line is typed. */
export async function readNames(kind: ProjectNames, flags: ProjectFlags): Promise<string[]> {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  // A config may print, as dotenv does, and the shell would take it for names.
  stdout.write = stderr.write.bind(stderr);
  try {
    const { options, paths } = await readOutline(flags);
    if (kind === 'environments') {
      const config = findConfigFile(paths.root, options.config);
      return config === undefined ? [] : await readEnvironments(config);
    }
    const files = await listFiles(paths[kind], `${kind}-path`);
    return files.map(({ name }) => name);
  } catch {
    return [];
  } finally {
    stdout.write = write;
  }
}
