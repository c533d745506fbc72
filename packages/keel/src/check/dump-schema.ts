import { writeFile } from 'node:fs/promises';
import { KeelError, messageOf } from '../errors';
import type { Project } from '../project/project';
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
  try {
    await writeFile(file, schema);
  } catch (error) {
    throw new KeelError(`${file} could not be written: ${messageOf(error)}`, {
      code: 'FILE_NOT_WRITTEN',
      state: 'It is as it was.',
      cause: error,
    });
  }
  return { schema, path: file };
}
