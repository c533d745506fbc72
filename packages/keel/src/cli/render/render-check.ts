import path from 'node:path';
import pc from '../terminal/colours';
import type { CheckResult } from '../../check/check-schema';
import type { DumpResult } from '../../check/dump-schema';
import type { Difference } from '../../diff/describe-operation';

/** The three comparisons, each with its differences by table and with what to do. */
export function renderSchemaCheck(result: CheckResult): string[] {
  const { hasMigrations, database, pending, missing, changed, notices } = result;
  return [
    ...modelLines(result),
    ...(hasMigrations ? [] : [`${pc.yellow('none')}     Migrations: there are none yet`]),
    ...section(
      hasMigrations
        ? 'Database and migrations'
        : 'Database, which should be empty without migrations',
      database,
      'The database was changed outside of migrations: put the change into a migration, or undo it by hand.',
    ),
    ...names(
      'Pending migrations',
      pending,
      'Apply them with: keel db:migrate',
      pc.yellow('pending'),
    ),
    ...names(
      'Applied migrations whose file is missing',
      missing,
      'Bring the files back: the database is ahead of them, or they were deleted.',
      pc.red('missing'),
    ),
    ...names(
      'Applied migrations whose file has changed',
      changed,
      'Take the change back, and put it into a migration of its own.',
      pc.red('changed'),
    ),
    ...noticeLines(notices),
  ];
}

/** What is wrong with the models, for standard error. */
export function failureLines({ failed }: CheckResult): string[] {
  return failed.map(({ text }) => `${pc.red('ERROR:')} ${text}`);
}

function modelLines({ hasModels, failed, models }: CheckResult): string[] {
  if (!hasModels)
    return [`${pc.yellow('none')}     Models: there are none to compare with the migrations`];
  const advice = 'Write the migration with: keel migration:generate --from-models --name <name>';
  if (failed.length === 0) return section('Models and migrations', models, advice);
  return [
    ...failures(failed),
    ...(models.length === 0 ? [] : section('The other models and migrations', models, advice)),
  ];
}

/** Why, stands on standard error. */
function failures(failed: readonly Difference[]): string[] {
  if (failed.length === 0) return [];
  return [
    `${pc.red('failed')}   Models and migrations: not all models can be built, see the errors`,
  ];
}

function section(title: string, differences: readonly Difference[], advice: string): string[] {
  if (differences.length === 0) return [`${pc.green('same')}     ${title}`];
  return [`${pc.red('differ')}   ${title}`, ...byTable(differences), `  ${pc.dim(advice)}`];
}

/** Differences under the name of their table; those of no table first. */
export function byTable(differences: readonly Difference[]): string[] {
  const tables = [...new Set(differences.map(({ table }) => table ?? ''))].sort();
  return tables.flatMap((table) => [
    ...(table === '' ? [] : [`  ${pc.bold(table)}`]),
    ...differences
      .filter((difference) => (difference.table ?? '') === table)
      .map(({ text }) => `${table === '' ? '  ' : '    '}${text}`),
  ]);
}

function names(title: string, list: readonly string[], advice: string, mark: string): string[] {
  if (list.length === 0) return [];
  return [`${mark}  ${title}`, ...list.map((name) => `  ${name}`), `  ${pc.dim(advice)}`];
}

/** Notices that many objects may share; said once each above this number, they would fill screens. */
const SHARED: Readonly<Record<string, string>> = {
  'table without model': 'tables have no model and are left alone; --drop <table> would drop one',
  'index without model':
    'indexes are in no model and are left alone; --drop <table>.<index> would drop one',
};
const FEW = 5;

/** What is worth knowing and no difference. */
export function noticeLines(notices: readonly Difference[]): string[] {
  const alike = (kind = ''): readonly Difference[] =>
    kind in SHARED ? notices.filter((notice) => notice.kind === kind) : [];
  return notices.flatMap((notice) => {
    const { kind, table, text } = notice;
    const group = alike(kind);
    if (group.length > FEW) return notice === group[0] ? groupLines(group) : [];
    const about = table === undefined || text.includes(table) ? '' : `${table}: `;
    return [pc.dim(`note     ${about}${text}`)];
  });
}

function groupLines(group: readonly Difference[]): string[] {
  const tables = new Map<string, string[]>();
  for (const { table = '', name } of group)
    tables.set(table, [...(tables.get(table) ?? []), ...(name === undefined ? [] : [name])]);
  const lines = [...tables].map(([table, names]) =>
    names.length === 0 ? table : `${table}: ${names.join(', ')}`,
  );
  return [
    pc.dim(`note     ${group.length} ${SHARED[group[0]?.kind ?? ''] ?? ''}:`),
    ...lines.map((line) => pc.dim(`           ${line}`)),
  ];
}

/** The dump itself, or where it was written. */
export function renderDumpResult({ schema, path: file }: DumpResult, root: string): string[] {
  if (file === undefined) return schema.trimEnd().split('\n');
  return [`The schema was written to ${path.relative(root, file)}.`];
}
