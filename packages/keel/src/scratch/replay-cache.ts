import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolders } from '../make-folders';
import type { Project } from '../project/project';
import type { Schema } from '../schema/schema';
import { digestInputs, type ReplayServer } from './replay-inputs';

/** What a replay of a project's migrations built, kept as a file: the same inputs build the same schema. */
export class ReplayCache {
  private constructor(
    private readonly folder: string,
    private readonly base: string,
  ) {}

  /** @param server a promise where it is still being asked: the project's files are read meanwhile */
  static async open(
    project: Project,
    server: ReplayServer | Promise<ReplayServer>,
  ): Promise<ReplayCache> {
    const base = await digestInputs(project, server);
    return new ReplayCache(path.join(project.paths.home, 'cache'), base);
  }

  /** What the migrations `names` build; undefined where they have to be replayed. */
  async read<T = Schema>(names: readonly string[]): Promise<T | undefined> {
    try {
      return JSON.parse(await readFile(this.file(names), 'utf8')) as T;
    } catch {
      return undefined;
    }
  }

  /** Keeps what they build, and forgets that of other migrations. A cache that cannot be written is no error. */
  async write<T = Schema>(names: readonly string[], built: T): Promise<void> {
    try {
      makeFolders(this.folder);
      const temporary = `${this.file(names)}.${process.pid}`;
      await writeFile(temporary, JSON.stringify(built));
      await rename(temporary, this.file(names));
      const stale = (await readdir(this.folder)).filter(
        (name) => name.startsWith('replay-') && !name.includes(this.shortBase),
      );
      for (const name of stale) await rm(path.join(this.folder, name), { force: true });
    } catch {
      // A read-only folder only makes the next check slower.
    }
  }

  /** Changes with whatever a replay depends on. */
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
