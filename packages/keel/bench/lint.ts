import { parseArgs } from 'node:util';
import { startTemporaryServer } from '../src/embedded/temporary-server';
import { runCorpus, type CorpusCase } from '../test/support/lint-corpus';
import { installPeers } from './support/peers';
import { judgeSquawk, runSquawk } from './support/squawk';
import { markdownTable } from './support/table';

/** What one tool made of a migration of the corpus. */
interface Verdict {
  readonly hits: readonly string[];
  readonly misses: readonly string[];
  readonly alarms: readonly string[];
}

interface Result {
  readonly name: string;
  readonly expected: readonly string[];
  readonly keel: Verdict;
  readonly squawk: Verdict | undefined;
  /** Findings of keel that name no line of the file. */
  readonly unplaced: readonly string[];
}

/** Runs `db:lint` on a corpus of good and bad migrations, and squawk on the SQL that they send. */
export async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      url: { type: 'string' },
      json: { type: 'boolean', default: false },
      'without-peers': { type: 'boolean', default: false },
    },
  });
  const peers = !values['without-peers'];
  if (peers) installPeers(['squawk-cli@2']);
  const server = values.url === undefined ? await startTemporaryServer({}) : undefined;
  const own =
    server && `postgres://${server.user}:${server.password}@${server.host}:${server.port}/postgres`;
  try {
    const cases = await runCorpus(values.url ?? own ?? '');
    const results = cases.map((each) => judge(each, peers));
    process.stdout.write(
      values.json ? `${JSON.stringify({ results }, undefined, 2)}\n` : render(results),
    );
  } finally {
    await server?.stop();
  }
}

function judge(one: CorpusCase, peers: boolean): Result {
  const { name, expected, found, trace } = one;
  // A notice that is not expected of a migration is no alarm: it stops nobody.
  const spoken = found.filter(
    ({ severity, rule }) => severity !== 'notice' || expected.includes(rule),
  );
  const said = [...new Set(spoken.map(({ rule }) => rule))];
  const keel = verdict(
    expected,
    expected.filter((rule) => said.includes(rule as never)),
    said.filter((rule) => !expected.includes(rule)),
  );
  const unplaced = found
    .filter(({ source }) => !source?.file.endsWith(name))
    .map(({ rule }) => rule);
  if (!peers) return { name, expected, keel, squawk: undefined, unplaced };
  const sql = trace.statements.map((statement) => `${statement.sql.replace(/;\s*$/, '')};`);
  // What is safe in the file cannot be told in SQL: the corpus says that it is good.
  const { hits, alarms } = judgeSquawk(runSquawk(sql.join('\n'), trace.mode !== 'none'), expected);
  return { name, expected, keel, squawk: verdict(expected, hits, alarms), unplaced };
}

function verdict(
  expected: readonly string[],
  hits: readonly string[],
  alarms: readonly string[],
): Verdict {
  return { hits, misses: expected.filter((rule) => !hits.includes(rule)), alarms };
}

function render(results: readonly Result[]): string {
  const bad = results.filter(({ expected }) => expected.length > 0);
  const good = results.filter(({ expected }) => expected.length === 0);
  const rows = results.map(({ name, expected, keel, squawk }) => [
    name,
    expected.join(', ') || '(good)',
    cell(keel),
    squawk ? cell(squawk) : '',
  ]);
  const tools = (['keel', 'squawk'] as const).map((tool) => {
    const of = (list: readonly Result[]): Verdict[] => list.flatMap((each) => each[tool] ?? []);
    const sum = (list: Verdict[], part: keyof Verdict): string =>
      `${list.reduce((total, each) => total + each[part].length, 0)}`;
    return [
      tool,
      sum(of(bad), 'hits'),
      sum(of(bad), 'misses'),
      `${of(good).filter(({ alarms }) => alarms.length > 0).length} of ${good.length}`,
      sum(of(bad), 'alarms'),
    ];
  });
  const head = [
    `${results.length} migrations: ${bad.length} bad, ${good.length} good`,
    'dangers found',
    'missed',
    'good ones accused',
    'false alarms on bad ones',
  ];
  return [
    markdownTable(['migration', 'dangers', 'keel', 'squawk'], rows),
    '',
    markdownTable(head, tools),
    '',
  ].join('\n');
}

function cell({ hits, misses, alarms }: Verdict): string {
  const parts = [
    hits.length > 0 ? `${hits.length} found` : '',
    misses.length > 0 ? `misses ${misses.join(', ')}` : '',
    alarms.length > 0 ? `false alarm: ${alarms.join(', ')}` : '',
  ].filter((part) => part !== '');
  return parts.join('; ') || 'silent';
}
