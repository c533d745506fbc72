import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { buildProgram } from '../../src/cli/build-program';
import { findCandidates } from '../../src/cli/completion/find-candidates';
import { createOutput } from '../../src/cli/terminal/output';
import { KEEL } from '../support/cli';
import { withProject } from '../support/projects';
import { runShellLine } from '../support/terminal';

const FILES = {
  'config/config.js': `console.log('said by the config');
    module.exports = { development: {}, staging: {}, get production() { throw new Error('no URL'); } };`,
  'migrations/20250101000001-users.js': '',
  'migrations/20250101000002-posts.js': '',
  'other/20250101000009-other.js': '',
  'seeders/20250101000001-rows.js': '',
  'bin/keel': `#!/bin/sh\nexec '${process.execPath}' '${KEEL}' "$@"\n`,
};

const { command: program } = buildProgram({
  output: createOutput(false, { out: () => undefined, err: () => undefined }),
  takeSignal: () => new AbortController().signal,
  interruptedBy: () => undefined,
  exitWith: () => undefined,
});

test('commands, flags, environments and files are offered where they can stand', () =>
  withProject(FILES, async ({ root, run }) => {
    const migrations = ['20250101000001-users.js', '20250101000002-posts.js'];
    const expected: readonly (readonly [string, readonly string[]])[] = [
      ['keel db:seed:bu', ['db:seed:bulk', 'db:seed:bulk:undo']],
      ['NODE_ENV=test keel db:st', ['db:start', 'db:stop']],
      ['keel --env staging --json db:st', ['db:start', 'db:stop']],
      ['keel --vers', ['--version']],
      ['keel db:migrate --dry', ['--dry-run']],
      ['keel db:migrate:status --dry', []],
      ['keel migration:create --from-m', ['--from-models']],
      ['keel db:migrate --to ', migrations],
      ['keel db:migrate:undo --name 20250101000002', ['20250101000002-posts.js']],
      ['keel db:migrate --to=20250101000002', ['--to=20250101000002-posts.js']],
      ['keel db:migrate --migrations-path other --to ', ['20250101000009-other.js']],
      ['keel --migrations-path=nowhere db:migrate --to ', []],
      ['keel db:seed --seed ', ['20250101000001-rows.js']],
      ['keel migration:generate --name 2025', []],
      ['keel --env ', ['development', 'staging', 'production']],
      ['keel db:check --env=st', ['--env=staging']],
      ['keel db:check --config config/none.js --env ', []],
      ['keel completion ', ['bash', 'zsh', 'fish']],
      ['keel db:migrate --lock-timeout ', []],
    ];
    const complete = async (line: string): Promise<string[]> =>
      (await findCandidates(program, line, root)).map(({ value }) => value);
    for (const [line, values] of expected) {
      expect({ line, values: await complete(line) }).toEqual({ line, values });
    }
    expect(await complete('keel ')).toContain('db:migrate');
    expect(await complete('keel db:url ')).toEqual(
      expect.arrayContaining(['--show-password', '--env', '--help']),
    );
    const { stdout } = await run('keel', ['completion', 'bash', 'keel --env st']);
    expect(stdout).toBe('staging\t\n');
    const document = await run('keel', ['completion', 'fish', 'keel db:mi', '--json']);
    expect(JSON.parse(document.stdout)).toMatchObject({
      candidates: expect.arrayContaining([
        { value: 'db:migrate:undo', description: 'Revert the last migration' },
      ]) as object,
    });
  }));

/** How each shell is started without anybody's settings, and told of the completion. */
const SHELLS = {
  bash: ['bash --norc --noprofile -i', 'eval "$(keel completion bash)"'],
  zsh: ['zsh -f -i', 'autoload -Uz compinit; compinit -u -D; eval "$(keel completion zsh)"'],
  fish: ['fish --no-config -i', 'keel completion fish | source'],
} as const;

const there = (Object.keys(SHELLS) as (keyof typeof SHELLS)[]).filter((shell) => {
  if (spawnSync(shell, ['-c', 'true']).status === 0) return true;
  process.stdout.write(`NOTE: ${shell} is not installed; keel's completion for it is not tried.\n`);
  return false;
});

test.each(there)('a line is completed in %s', async (shell) => {
  await withProject(FILES, async ({ root }) => {
    chmodSync(path.join(root, 'bin/keel'), 0o755);
    const [start, setUp] = SHELLS[shell];
    const answers = [
      // Whatever the prompt is like. The text that says that it is done is not the one that is typed.
      ['', `${setUp}; echo READY''-2\r`],
      ['READY-2', 'keel db:migrate:st\t'],
      ['db:migrate:status ', '\u0015keel db:check --env=st\t'],
      ['--env=staging ', '\u0015keel db:migrate --to 20250101000002\t'],
      ['--to 20250101000002-posts.js ', '\u0015keel --config con\t'],
      ['--config config/', '\u0015exit\r'],
    ] as const;
    const env = { PATH: `${root}/bin:${process.env.PATH ?? ''}`, HOME: root };
    const { screen } = await runShellLine(`exec ${start}`, answers, { cwd: root, env });
    expect(stripVTControlCharacters(screen)).toContain('--config config/');
  });
});
