import path from 'node:path';
import { Option } from 'commander';
import { isSeverity, SEVERITIES, type Severity } from '../../lint/finding';
import type { LintResult } from '../../lint/lint-project';
import type { Project } from '../../project/project';
import { withProject } from '../actions/with-project';
import { defineCommand, type Invocation } from '../define-command';
import { collect } from '../flags/flag-values';

interface Flags {
  readonly name?: readonly string[];
  readonly all?: boolean;
  readonly since?: string;
  readonly stats?: string;
  readonly writeStats?: string;
  readonly format: 'text' | 'github';
  readonly failOn: Severity | 'never';
  readonly rules?: boolean;
  /** `--no-cache` makes it false. */
  readonly cache?: boolean;
}

/** `db:lint`: what migrations lock, rewrite and break, before they run. */
export const dbLint = defineCommand<Flags>({
  examples: [
    ['keel db:lint', 'the pending migrations'],
    ['keel db:lint --env production', 'with the sizes of the tables there, which are only read'],
    [
      'keel db:lint --since origin/main --format github',
      'for pull requests: what the branch adds, at its lines; the exit code is 4 with errors, 2 with warnings alone',
    ],
    ['keel db:lint --env production --write-stats sizes.json', 'keep the sizes in a file'],
  ],
  configure: (command) => {
    command
      .addOption(
        new Option('--name <name>', 'this migration; may be repeated')
          .argParser(collect)
          .conflicts(['all', 'since']),
      )
      .addOption(
        new Option('--all', 'every migration, each as if it ran by itself').conflicts('since'),
      )
      .option('--since <ref>', 'those that this branch adds or changes since Git left <ref>')
      .option('--stats <file>', 'a file of table sizes in place of those of the database')
      .option('--write-stats <file>', 'write the sizes of the tables into a file, and do no more')
      .addOption(
        new Option('--format <format>', 'how to print').choices(['text', 'github']).default('text'),
      )
      .addOption(
        new Option('--fail-on <severity>', 'the least that makes the exit code differ from 0')
          .choices([...SEVERITIES, 'never'])
          .default('warning'),
      )
      .option('--rules', 'list the rules, and do no more')
      .option('--no-cache', 'trace the migrations although nothing has changed');
  },
  run: async (invocation, frame) => {
    const { flags, output, signal } = invocation;
    if (flags.rules) return listRules(invocation);
    await withProject(invocation, async (project) => {
      if (flags.writeStats !== undefined) return writeStats(project, flags.writeStats, invocation);
      const { lintProject } =
        require('../../lint/lint-project') as typeof import('../../lint/lint-project');
      const { renderAnnotations } =
        require('../render/render-annotations') as typeof import('../render/render-annotations');
      const { renderLint } =
        require('../render/render-lint') as typeof import('../render/render-lint');
      const { repeatInLines } =
        require('../render/repeat-flags') as typeof import('../render/repeat-flags');
      const { name, all, since, stats } = flags;
      const cache = flags.cache !== false;
      const options = { names: name, all, since, stats, cache, exclusive: true, signal };
      const result = await lintProject(project, options);
      const lines =
        flags.format === 'github'
          ? renderAnnotations(result, { root: project.paths.root, repository: repositoryOf() })
          : repeatInLines(renderLint(result), flags);
      output.result(result, lines);
      frame.exitWith(exitCodeOf(result, flags.failOn));
    });
  },
});

/** 4 with errors, 2 with warnings alone, 1 with notices alone, where these are asked to fail. */
function exitCodeOf({ counts }: LintResult, failOn: Flags['failOn']): number {
  if (!isSeverity(failOn)) return 0;
  const worst = SEVERITIES.findLast((severity) => counts[severity] > 0);
  const least = SEVERITIES.indexOf(failOn);
  if (worst === undefined || SEVERITIES.indexOf(worst) < least) return 0;
  return { notice: 1, warning: 2, error: 4 }[worst];
}

function listRules({ output }: Invocation<Flags>): void {
  const { allRules } =
    require('../../lint/rules/all-rules') as typeof import('../../lint/rules/all-rules');
  const rules = allRules.map(({ id, severity, why }) => ({ id, severity, why }));
  output.result(
    { rules },
    rules.map(({ id, severity, why }) => `${severity.padEnd(8)} ${id.padEnd(28)} ${why}`),
  );
}

async function writeStats(
  project: Project,
  file: string,
  { output }: Invocation<Flags>,
): Promise<void> {
  const { saveSizes } = require('../../lint/read-sizes') as typeof import('../../lint/read-sizes');
  const tables = await saveSizes(project, path.resolve(file));
  output.result({ file, tables }, [`The sizes of ${tables} tables were written to ${file}.`]);
}

function repositoryOf(): string {
  return process.env.GITHUB_WORKSPACE ?? process.cwd();
}
