import { counted } from '../../format-count';
import path from 'node:path';
import type { Project } from '../../project/project';
import type { UpRequest } from '../../runner/files/select-files';
import type { Invocation } from '../define-command';
import type { RunFlags } from '../flags/run-flags';

/** Writes the pending migrations into a script of SQL. */
export async function scriptAction(
  project: Project,
  { signal }: Invocation<RunFlags>,
  request: UpRequest,
  target: string,
): Promise<{ readonly document: object; readonly lines: readonly string[] }> {
  const { makeScript } =
    require('../../lint/script/make-script') as typeof import('../../lint/script/make-script');
  const { saveText } =
    require('../../project/save-text') as typeof import('../../project/save-text');
  const { migrations, script } = await makeScript(project, request, { exclusive: true, signal });
  if (migrations.length === 0)
    return {
      document: { migrations, file: null },
      lines: ['', 'There is nothing to write: no migration is pending.'],
    };
  await saveText(path.resolve(target), script);
  return {
    document: { migrations, file: target },
    lines: [
      '',
      `${counted(migrations.length, 'migration')} written to ${target}. The database is as it was.`,
      `Run it with: psql -f ${target} "$DATABASE_URL"`,
    ],
  };
}
