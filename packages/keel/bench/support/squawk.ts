import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PEERS } from './peers';
import { squawkRules, squawkStyle } from './squawk-rules';

const SQUAWK = path.join(PEERS, 'node_modules', 'squawk-cli', 'js', 'bin', 'squawk');

/** What squawk says of SQL, by its own names, without its rules of style. */
export function runSquawk(sql: string, inTransaction: boolean): string[] {
  if (!existsSync(SQUAWK)) throw new Error('squawk-cli is not installed.');
  const folder = mkdtempSync(path.join(tmpdir(), 'keel-squawk-'));
  const file = path.join(folder, 'migration.sql');
  try {
    writeFileSync(file, sql);
    const args = ['--reporter', 'json', '--pg-version', '18'];
    const transaction = inTransaction ? ['--assume-in-transaction'] : [];
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [SQUAWK, ...args, ...transaction, file],
      {
        encoding: 'utf8',
      },
    );
    if (!stdout.trim().startsWith('[')) throw new Error(`squawk failed: ${stderr || stdout}`);
    const found = JSON.parse(stdout) as { rule_name: string }[];
    return [...new Set(found.map(({ rule_name: name }) => name))];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Which of the expected rules squawk has said in its own words, and what it said besides. */
export function judgeSquawk(
  said: readonly string[],
  expected: readonly string[],
): { readonly hits: readonly string[]; readonly alarms: readonly string[] } {
  const theirs = (rule: string): readonly string[] => squawkRules[rule] ?? [];
  const meant = new Set(expected.flatMap(theirs));
  return {
    hits: expected.filter((rule) => theirs(rule).some((name) => said.includes(name))),
    alarms: said.filter((name) => !meant.has(name) && !squawkStyle.includes(name)),
  };
}
