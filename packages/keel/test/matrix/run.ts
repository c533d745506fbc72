import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { markdownTable } from '../../bench/support/table';
import { withTemporaryServer } from '../../src/embedded/temporary-server';
import { buildIfStale } from '../support/build';
import { cleanEnvironment } from '../support/cli';
import { withDatabase } from '../support/database';
import { PACKAGE } from '../support/paths';
import { writeFiles, type ProgramResult } from '../support/projects';
import { SERVER_VARIABLE } from '../support/server';
import { KINDS, type Kind } from './kinds';
import { tryProject } from './try-project';

const run = promisify(execFile);

/**
 * `npm run matrix`: makes a project of every kind as a person does, from `npm init` on, with packages of the registry,
 * and goes through the first five minutes in it on several versions of Node. Prints what came of each.
 *
 * `--only <text>` keeps to kinds whose names hold the text, `--node 20,22,24` says on which versions, `--keep` leaves
 * the projects that failed.
 */
async function main(): Promise<void> {
  buildIfStale();
  const base = mkdtempSync(path.join(tmpdir(), 'keel-matrix-'));
  const tarball = await pack(base);
  const nodes = await installNodes((option('--node') ?? '20,22,24').split(','));
  const rows: string[][] = [];
  await withTemporaryServer({ settings: { max_connections: '100' } }, async (server) => {
    const { user, password, host, port } = server;
    process.env[SERVER_VARIABLE] = `postgres://${user}:${password}@${host}:${port}/postgres`;
    for (const [i, kind] of KINDS.entries()) {
      if (!kind.name.includes(option('--only') ?? '')) continue;
      const root = path.join(base, `${i}`);
      const outcomes = await tryKind(root, kind, nodes, tarball);
      rows.push([kind.name, versionsIn(root, kind), ...outcomes]);
      process.stderr.write(`${rows.at(-1)?.join(' | ')}\n`);
      if (!process.argv.includes('--keep')) rmSync(root, { recursive: true, force: true });
    }
  });
  const head = ['project', 'packages', ...nodes.map(({ version }) => `Node ${version}`)];
  process.stdout.write(`${markdownTable(head, rows)}\n`);
  if (!process.argv.includes('--keep')) rmSync(base, { recursive: true, force: true });
  process.exitCode = rows.flatMap((row) => row.slice(2)).every((outcome) => outcome === 'ok')
    ? 0
    : 1;
}

interface NodeVersion {
  readonly version: string;
  readonly program: string;
}

function option(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
}

/** Runs a program to its end, whatever that is. */
async function execute(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ProgramResult> {
  const options = { cwd, env: { ...cleanEnvironment(), ...env }, timeout: 600_000 };
  try {
    return { code: 0, ...(await run(program, [...args], { ...options, encoding: 'utf8' })) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number | null } & Record<string, string>;
    return { code, stdout: stdout ?? '', stderr: stderr ?? '' };
  }
}

async function succeed(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await execute(program, args, cwd);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}${stdout}`);
  return stdout;
}

async function pack(base: string): Promise<string> {
  await succeed('npm', ['pack', '--ignore-scripts', '--pack-destination', base], PACKAGE);
  return path.join(base, readdirSync(base).find((name) => name.endsWith('.tgz')) ?? '');
}

const QUICK = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];

/** The versions of Node as packages of the registry, kept for the next time. */
async function installNodes(majors: readonly string[]): Promise<NodeVersion[]> {
  const nodes: NodeVersion[] = [];
  for (const major of majors) {
    const folder = path.join(tmpdir(), 'keel-matrix-node', major);
    const program = path.join(folder, 'node_modules', 'node', 'bin', 'node');
    if (!existsSync(program)) {
      mkdirSync(folder, { recursive: true });
      writeFiles(folder, { 'package.json': { name: `node-${major}`, private: true } });
      await succeed('npm', ['install', ...QUICK, `node@${major}`], folder);
    }
    nodes.push({
      program,
      version: (await succeed(program, ['-p', 'process.versions.node'], folder)).trim(),
    });
  }
  return nodes;
}

/** One project, tried on each version of Node from the same beginning. */
async function tryKind(
  root: string,
  kind: Kind,
  nodes: readonly NodeVersion[],
  tarball: string,
): Promise<string[]> {
  try {
    await makeProject(root, kind, tarball);
  } catch (error) {
    return nodes.map(() => `not installed: ${(error as Error).message}`);
  }
  const outcomes: string[] = [];
  for (const node of nodes) {
    const copy = `${root}-${node.version}`;
    await succeed('cp', ['-a', root, copy], path.dirname(root));
    const outcome = await tryOn(copy, kind, node);
    outcomes.push(outcome);
    if (outcome === 'ok' || !process.argv.includes('--keep')) rmSync(copy, { recursive: true });
  }
  return outcomes;
}

async function makeProject(root: string, kind: Kind, tarball: string): Promise<void> {
  mkdirSync(root, { recursive: true });
  const packages = [
    ...['sequelize@6', 'pg@8', tarball],
    ...(kind.typescript ? [`typescript@${kind.typescript}`] : []),
    ...(kind.packages ?? []),
  ];
  await succeed('npm', ['init', '-y'], root);
  await succeed('npm', ['pkg', 'set', `type=${kind.type}`], root);
  if (kind.manager === 'pnpm') {
    await succeed('npx', ['--yes', 'pnpm', 'add', '--prefer-offline', ...packages], root);
  } else await succeed('npm', ['install', ...QUICK, ...packages], root);
  if (kind.typescript) await initTypeScript(root, kind.compilerOptions);
  writeFiles(root, kind.files ?? {});
}

async function initTypeScript(root: string, changed: Kind['compilerOptions']): Promise<void> {
  await succeed('npx', ['tsc', '--init'], root);
  if (!changed) return;
  // tsconfig.json has comments.
  writeFiles(root, {
    'tsconfig.init.json': readFileSync(path.join(root, 'tsconfig.json'), 'utf8'),
    'tsconfig.json': { extends: './tsconfig.init.json', compilerOptions: changed },
  });
}

async function tryOn(root: string, kind: Kind, { program }: NodeVersion): Promise<string> {
  const cwd = path.join(root, kind.part ?? '.');
  const bin = path.join(root, 'node_modules', 'sequelize-keel', 'bin', 'keel.js');
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    await withDatabase(({ url }) =>
      tryProject({
        root: cwd,
        models: kind.models,
        folders: kind.folders,
        brokenLoader: kind.brokenLoader,
        keel: (args) => execute(program, [bin, ...args], cwd, { DATABASE_URL: url, ...kind.env }),
        compile: kind.typescript
          ? () => execute(program, [tsc, '--noEmit', '-p', root], root)
          : undefined,
      }),
    );
    return 'ok';
  } catch (error) {
    return (error as Error).message.replaceAll(/\s*\n\s*/g, ' ').slice(0, 600);
  }
}

/** The versions that were installed, without that of TypeScript where it is not used. */
function versionsIn(root: string, kind: Kind): string {
  const names = [
    ...(kind.typescript ? ['typescript'] : []),
    ...(kind.packages ?? []).filter((name) => !name.startsWith('@types/')),
  ];
  return names
    .map((name) => {
      const file = path.join(root, 'node_modules', name, 'package.json');
      if (!existsSync(file)) return `${name} -`;
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
      return `${name} ${version}`;
    })
    .join(', ');
}

void main();
