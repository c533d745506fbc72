import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Project } from '../project/project';
import { sequelizeVersion } from '../project/load-sequelize';
import type { Schema } from '../schema/schema';
import { keelVersion } from '../keel-version';

/**
 * What a replay of a project's migrations built, kept as a file: the same migrations on the same server
 * version build the same schema. Changed by anything in the folder, helpers included.
 */
export class ReplayCache {
  private constructor(
    private readonly folder: string,
    private readonly base: string,
  ) {}

  static async open(project: Project, serverVersion: string): Promise<ReplayCache> {
    const base = createHash('sha256');
    base.update(
      JSON.stringify([keelVersion(), serverVersion, sequelizeVersion(project.paths.root)?.text]),
    );
    for (const [name, text] of await readFolder(project.paths.migrations))
      base.update(JSON.stringify([name, text]));
    return new ReplayCache(path.join(project.paths.home, 'cache'), base.digest('hex'));
  }

  /** The schema that the migrations `names` build; undefined where they have to be replayed. */
  async read(names: readonly string[]): Promise<Schema | undefined> {
    try {
      return JSON.parse(await readFile(this.file(names), 'utf8')) as Schema;
    } catch {
      return undefined;
    }
  }

  /** Keeps a schema, and forgets those of other migrations. A cache that cannot be written is no error. */
  async write(names: readonly string[], schema: Schema): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true });
      const temporary = `${this.file(names)}.${process.pid}`;
      await writeFile(temporary, JSON.stringify(schema));
      await rename(temporary, this.file(names));
      const stale = (await readdir(this.folder)).filter(
        (name) => name.startsWith('replay-') && !name.includes(this.shortBase),
      );
      for (const name of stale) await rm(path.join(this.folder, name), { force: true });
    } catch {
      // A read-only folder only makes the next check slower.
    }
  }

  /** Changes with the migrations and with the server's version. */
  get key(): string {
    return this.base;
  }

  private get shortBase(): string {
    return this.base.slice(0, 24);
  }

  private file(names: readonly string[]): string {
    const selection = createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 16);
    return path.join(this.folder, `replay-${this.shortBase}-${selection}.json`);
  }
}

/** Every file of a folder and its sub-folders, by path, with its text. */
async function readFolder(folder: string): Promise<[string, string][]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const names = entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('.keel-'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => [
      path.relative(folder, name),
      await readFile(name, 'utf8'),
    ]),
  );
}
