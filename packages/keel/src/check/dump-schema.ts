import type { Project } from '../project/project';
import { saveText } from '../project/save-text';
import { renderDump } from '../schema/render-dump';
import { readProjectSchema } from '../scratch/replay';

export interface DumpResult {
  readonly schema: string;
  /** The file that was written, absolute. */
  readonly path?: string;
}

/**
 * Writes the schema of the project's database, without the ledgers, as sorted text.
 *
 * @param file absolute; nothing is written where it is undefined
 * @throws KeelError FILE_NOT_WRITTEN
 */
export async function dumpSchema(project: Project, file: string | undefined): Promise<DumpResult> {
  const schema = renderDump(await readProjectSchema(project));
  if (file === undefined) return { schema };
  await saveText(file, schema);
  return { schema, path: file };
}
