import { constants } from 'node:fs';
import {
  access,
  chmod,
  chown,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { KeelError, messageOf, NOTHING_CHANGED } from '../../errors';
import { makeFolders } from '../../make-folders';
import type { LedgerSettings } from '../../project/project';
import type { Ledger, LedgerChange } from './ledger';

/** A list of names in a file, as sequelize-cli keeps it with the storage `json`. */
export class JsonLedger implements Ledger {
  readonly exists = true;
  readonly identity: string = 'json';

  constructor(readonly settings: LedgerSettings) {}

  async read(): Promise<string[]> {
    const { path: file } = this.settings;
    try {
      return namesIn(await readFile(file, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new KeelError(`The ledger ${file} cannot be read: ${messageOf(error)}.`, {
        code: 'LEDGER_UNREADABLE',
        state: NOTHING_CHANGED,
        hint: 'Bring it back from version control, or write the names of what has run into it: ["one.js", "two.js"]',
        cause: error,
      });
    }
  }

  async prepare(): Promise<void> {
    const { path: file } = this.settings;
    try {
      makeFolders(path.dirname(file));
      const known = await stat(file).catch(() => undefined);
      if (known?.isDirectory()) throw new Error('it is a folder');
      await access(known ? file : path.dirname(file), constants.W_OK);
    } catch (error) {
      throw new KeelError(`The ledger ${file} cannot be written: ${messageOf(error)}.`, {
        code: 'FILE_NOT_WRITTEN',
        state: NOTHING_CHANGED,
        hint: 'Correct its path in the config (migrationStoragePath, seederStoragePath), or the rights of its folder.',
        cause: error,
      });
    }
  }

  createSql(): string {
    return '';
  }

  triggersSql(): string {
    return '';
  }

  insertSql(): string {
    return '';
  }

  deleteSql(): string {
    return '';
  }

  async apply({ add = [], remove = [] }: LedgerChange): Promise<void> {
    const names = (await this.read()).filter((name) => ![...add, ...remove].includes(name));
    await replaceFile(this.settings.path, JSON.stringify([...names, ...add], null, '  '));
  }
}

/** No record at all. */
export class NoLedger extends JsonLedger {
  override readonly identity = 'none';

  override read(): Promise<string[]> {
    return Promise.resolve([]);
  }

  override prepare(): Promise<void> {
    return Promise.resolve();
  }

  override apply(): Promise<void> {
    return Promise.resolve();
  }
}

function namesIn(text: string): string[] {
  const names: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  throw new Error('it is no list of names');
}

/** A file that may not be replaced: its folder is not ours to write, or it is mounted by itself. */
const IN_PLACE = ['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'EXDEV'];

/** Writes a file so that it has all of the old text or all of the new, whatever ends the process or fills the disk. */
async function replaceFile(file: string, text: string): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const draft = `${target}.${process.pid}.draft`;
  try {
    await writeFile(draft, text);
    await keepOwner(target, draft);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    if (!IN_PLACE.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await writeFile(target, text);
  }
}

/** The draft is to be as the file is: another account may be the next to write it. */
async function keepOwner(from: string, to: string): Promise<void> {
  const known = await stat(from).catch(() => undefined);
  if (!known) return;
  await chmod(to, known.mode);
  await chown(to, known.uid, known.gid).catch(() => undefined);
}
