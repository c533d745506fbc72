import { rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { startTemporaryServer } from '../src/embedded/temporary-server';
import { installPeers, PEERS } from './support/peers';
import { measureNode, median, type Measure } from './support/processes';
import { bulkArguments, TABLES_SQL, writePrograms, writeRows } from './support/seed-programs';
import { duration, markdownTable } from './support/table';

const PACKAGES = [
  'sequelize@6',
  'pg@8',
  'pg-copy-streams@7',
  'drizzle-orm@0.45',
  'drizzle-seed@0.3',
] as const;

const FOLDER = path.join(PEERS, 'seed');
const KEEL = path.join(PEERS, 'node_modules', 'sequelize-keel', 'dist', 'bin.js');

interface Tool {
  readonly name: string;
  readonly script: string;
  readonly args: (posts: number, url: string) => readonly string[];
  /** The most posts that it is given by default: some take minutes for what others do in seconds. */
  readonly most: number;
  /** From so many posts on it runs once, for the same reason. */
  readonly onceFrom: number;
}

const peer = (name: string, script: string, most: number): Tool => ({
  name,
  script: path.join(FOLDER, script),
  args: (posts) => [String(posts)],
  most,
  onceFrom: 1_000_000,
});

const keel = (name: string, flags: readonly string[]): Tool => ({
  name,
  script: KEEL,
  args: (posts, url) => [...bulkArguments(posts, url), ...flags],
  most: Infinity,
  onceFrom: Infinity,
});

const FLOOR: Tool = {
  ...peer('COPY of a ready-made file', 'floor.js', Infinity),
  onceFrom: Infinity,
};
const LIVE = keel('keel, constraints live', ['--no-rebuild-constraints']);
const EMPTY = keel('keel, empty tables', []);
const BULK_CREATE = peer('bulkCreate', 'bulk-create.js', 1_000_000);
const DRIZZLE = peer('drizzle-seed', 'drizzle.js', 1_000_000);
const BULK_INSERT = peer('bulkInsert', 'bulk-insert.js', 100_000);

const TOOLS: readonly Tool[] = [FLOOR, LIVE, EMPTY, BULK_CREATE, DRIZZLE, BULK_INSERT];

/** What the others are compared with, and the heads of the columns that say how often they are as fast. */
const REFERENCES: readonly (readonly [Tool, string])[] = [
  [FLOOR, '× the file'],
  [BULK_CREATE, '× bulkCreate'],
  [DRIZZLE, '× drizzle-seed'],
];

interface Result {
  readonly tool: string;
  readonly posts: number;
  readonly runs: number;
  readonly ms: number;
  readonly peakMiB: number;
  /** Posts a second, the process's start included. */
  readonly rate: number;
  /** The rate over that of the tools that others are compared with; null where they did not run. */
  readonly times: Readonly<Record<string, number | null>>;
}

/** Measures filling the associations' tables, for each number of posts, tools in turn. */
export async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      posts: { type: 'string', default: '1000,100000,1000000' },
      runs: { type: 'string', default: '3' },
      tools: { type: 'string' },
      json: { type: 'boolean', default: false },
      'no-limit': { type: 'boolean', default: false },
    },
  });
  const log = (text: string): void => void process.stderr.write(`${text}\n`);
  log('Installing the peers…');
  installPeers(PACKAGES);
  writePrograms(FOLDER);
  const wanted = values.tools?.split(',');
  const tools = TOOLS.filter(
    (tool) => tool === FLOOR || !wanted || wanted.some((each) => tool.name.includes(each)),
  );
  const server = await startTemporaryServer({
    // As a server is that holds data: what keel saves by COPY it must not save by a server without fsync.
    settings: {
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      max_wal_size: '4GB',
    },
  });
  const { host, port, user, password } = server;
  const url = `postgres://${user}:${password}@${host}:${String(port)}/postgres`;
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const results: Result[] = [];
    for (const posts of values.posts.split(',').map(Number)) {
      const able = tools.filter(({ most }) => values['no-limit'] || posts <= most);
      results.push(...(await measurePosts(client, url, able, posts, Number(values.runs), log)));
    }
    process.stdout.write(
      values.json ? `${JSON.stringify({ results }, undefined, 2)}\n` : render(results),
    );
  } finally {
    await client.end();
    await server.stop();
    rmSync(FOLDER, { recursive: true, force: true });
  }
}

async function measurePosts(
  client: Client,
  url: string,
  tools: readonly Tool[],
  posts: number,
  runs: number,
  log: (text: string) => void,
): Promise<Result[]> {
  const run = async (tool: Tool): Promise<Measure> => {
    await client.query(TABLES_SQL);
    await client.query('CHECKPOINT');
    return measureNode(tool.script, tool.args(posts, url), {
      cwd: FOLDER,
      env: { DATABASE_URL: url },
    });
  };
  log(`Making the file of ${posts} posts…`);
  await run(EMPTY);
  await writeRows(client, FOLDER);
  const measures = new Map(tools.map((tool) => [tool, [] as Measure[]]));
  for (let turn = 1; turn <= runs; turn += 1) {
    for (const tool of tools) {
      if (turn > 1 && posts >= tool.onceFrom) continue;
      const measure = await run(tool);
      await check(client, posts);
      measures.get(tool)?.push(measure);
      log(`${posts} posts, turn ${turn}, ${tool.name}: ${duration(measure.ms)}`);
    }
  }
  const middle = (tool: Tool): number => median((measures.get(tool) ?? []).map(({ ms }) => ms));
  return [...measures].map(([tool, each]) => ({
    tool: tool.name,
    posts,
    runs: each.length,
    ms: middle(tool),
    peakMiB: Math.max(...each.map(({ peakMiB }) => peakMiB)),
    rate: posts / (middle(tool) / 1000),
    times: Object.fromEntries(
      REFERENCES.map(([other]) => [
        other.name,
        measures.has(other) ? middle(other) / middle(tool) : null,
      ]),
    ),
  }));
}

async function check(client: Client, posts: number): Promise<void> {
  const { rows } = await client.query<{ count: number }>(
    'SELECT count(*)::int FROM posts JOIN users u ON u.id = "userId"',
  );
  if (rows[0]?.count !== posts)
    throw new Error(`${String(rows[0]?.count)} posts with a user, not ${posts}`);
}

function render(results: readonly Result[]): string {
  const columns = REFERENCES.map(([, title]) => title);
  const head = ['Tool', 'Posts', 'Runs', 'Time', 'Posts/s', ...columns, 'Peak memory'];
  const rows = results.map(({ tool, posts, runs, ms, rate, times, peakMiB }) => [
    tool,
    posts.toLocaleString('en-US'),
    String(runs),
    duration(ms),
    Math.round(rate).toLocaleString('en-US'),
    ...REFERENCES.map(([{ name }]) => times[name]?.toFixed(2) ?? '–'),
    `${peakMiB.toFixed(0)} MiB`,
  ]);
  return `${markdownTable(head, rows)}\n`;
}
