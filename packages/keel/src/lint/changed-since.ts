import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { KeelError, messageOf, NOTHING_CHANGED } from '../errors';

const execute = promisify(execFile);

/**
 * The names of the files in a folder that are new or changed since this branch left another one, whether they are
 * committed or not.
 *
 * @param ref what Git calls the other one, such as `origin/main`
 * @throws KeelError GIT_FAILED
 */
export async function changedSince(folder: string, ref: string): Promise<string[]> {
  const git = async (...args: string[]): Promise<string[]> => {
    const { stdout } = await execute('git', ['-C', folder, ...args], { maxBuffer: 64 << 20 });
    return stdout.split('\0').filter((line) => line !== '');
  };
  try {
    const [base = ''] = await git('merge-base', ref, 'HEAD');
    const changed = await git(
      'diff',
      '--name-only',
      '--diff-filter=d',
      '-z',
      base.trim(),
      '--',
      '.',
    );
    const untracked = await git('ls-files', '--others', '--exclude-standard', '-z', '--', '.');
    return [...new Set([...changed, ...untracked].map((file) => path.basename(file)))];
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string };
    throw new KeelError(`Git cannot tell what has changed since ${ref}.`, {
      code: 'GIT_FAILED',
      details: [stderr.trim() || messageOf(error)],
      state: NOTHING_CHANGED,
      hint: 'Fetch the whole history (with actions/checkout: fetch-depth: 0), or name the files: --name',
      cause: error,
    });
  }
}
