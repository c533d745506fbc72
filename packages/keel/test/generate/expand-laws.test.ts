import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { Client } from 'pg';
import { readSchema } from '../../src/schema/read-schema';
import { renderDump } from '../../src/schema/render-dump';
import { expandCase, type ExpandCase } from '../support/expand-sets';
import { tableText, type KnownColumn, type TableText } from '../support/expand-tables';
import { KeelProcess } from '../support/keel-process';
import { migration, withDatabaseProject } from '../support/project';

// One takes some seconds: KEEL_PROPERTY_PAIRS is for those who try many.
const cases = Number(process.env.KEEL_EXPAND_CASES ?? process.env.KEEL_PROPERTY_PAIRS ?? 3);
const anySeed = process.env.CI ? 20261129 : Date.now() % 2 ** 31;
const seed = Number(process.env.KEEL_PROPERTY_SEED ?? anySeed);

describe(`laws of changes beside the old column (${cases} cases, KEEL_PROPERTY_SEED=${seed})`, () => {
  const keel = new KeelProcess();
  const seen = { tables: 0, files: 0, stops: 0, rows: 0 };

  afterAll(async () => {
    process.stdout.write(`${JSON.stringify(seen)}, KEEL_PROPERTY_SEED=${seed}\n`);
    await keel.close();
  });

  it('keep every value, for old and new code, after each file, forth and back', async () => {
    await fc.assert(fc.asyncProperty(expandCase, requireLaws), {
      numRuns: cases,
      seed,
      endOnFailure: process.env.KEEL_PROPERTY_SHRINK === undefined,
    });
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  }, 3_600_000);

  async function requireLaws({ tables, stops }: ExpandCase): Promise<void> {
    const texts = tables.map(tableText);
    await withDatabaseProject(filesOf(texts), async ({ root, database }) => {
      const client = new Client({ connectionString: database.url });
      await client.connect();
      const project = { root, url: database.url };
      const dump = async () => renderDump(await readSchema(client, { inTransaction: false }));
      try {
        await keel.call(project, 'migrate');
        const rows = texts.map((text) => new Rows(client, text));
        for (const one of rows) await one.begin();
        const shape = await dump();
        const expand = texts.flatMap(({ flags }) => flags);
        await keel.call(project, 'generate', { name: 'x', renames: [], expand });
        const names = newFiles(root);
        seen.tables += tables.length;
        seen.files += names.length;
        const stop = async (applied: number, wasFilled: boolean): Promise<void> => {
          seen.stops += 1;
          const isFilled =
            wasFilled || !names.slice(applied).some((name) => name.includes('-backfill-'));
          for (const one of rows) seen.rows += await one.goOn(names.slice(0, applied), isFilled);
        };
        for (const [at, to] of names.entries()) {
          if (stops[at % stops.length] !== true) continue;
          await keel.call(project, 'migrate', { to });
          await stop(at + 1, false);
        }
        await keel.call(project, 'migrate');
        await stop(names.length, true);
        expect(await keel.call(project, 'check')).toMatchObject({ exitCode: 0 });
        for (const [at, to] of [...names.entries()].reverse()) {
          if (at > 0 && stops[(at * 3) % stops.length] !== true) continue;
          await keel.call(project, 'undo', { to });
          await stop(at, true);
        }
        expect(await dump()).toEqual(shape);
      } catch (error) {
        const text = newFiles(root).map((name) =>
          readFileSync(path.join(root, 'migrations', name), 'utf8'),
        );
        throw new Error(
          [(error as Error).message, ...texts.map(({ up }) => up), ...text].join('\n'),
          { cause: error },
        );
      } finally {
        await client.end();
      }
    });
  }
});

function filesOf(texts: readonly TableText[]): Record<string, string> {
  const query = (sql: string): string => `await q.sequelize.query(${JSON.stringify(sql)});`;
  return {
    'models/index.js': `const Sequelize = require('sequelize'); const D = Sequelize.DataTypes;
      const sequelize = new Sequelize('postgres://localhost/none', { logging: false });
      ${texts.map(({ models }) => models).join('\n')}
      module.exports = { sequelize, ...sequelize.models };`,
    'migrations/20200101000000-tables.js': migration(
      query(`CREATE SCHEMA "App"; ${texts.map(({ up }) => up).join('\n')}`),
      query(`${texts.map(({ down }) => down).join('\n')} DROP SCHEMA "App"`),
    ),
  };
}

/** The files that `--expand` has written, in their order, told which release they wait for. */
function newFiles(root: string): string[] {
  const folder = path.join(root, 'migrations');
  const names = readdirSync(folder).sort().slice(1);
  for (const name of names) {
    const file = path.join(folder, name);
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replaceAll('atLeast: undefined', `atLeast: '2.0.0'`),
    );
  }
  return names;
}

/** What code writes into a table and reads back, as it knows the columns. */
class Rows {
  /** Which value each row has; undefined for NULL. */
  private readonly truth = new Map<number, number | undefined>();
  /** Rows that new code can read: it has written them, or all are filled. */
  private readonly known = new Set<number>();
  private next = 1;
  /** Whether no old code is there any more. */
  private isReleased = false;
  /** The last file that is applied. */
  private last = '';

  constructor(
    private readonly client: Client,
    private readonly text: TableText,
  ) {}

  async begin(): Promise<void> {
    for (let row = 0; row < 8; row += 1) await this.insert(this.text.old);
    this.known.clear();
    await this.requireRead(true);
  }

  /** Old code and new code write, as far as their columns are there, and both read what is right. */
  async goOn(applied: readonly string[], isFilled: boolean): Promise<number> {
    const { old } = this.text;
    const there = await this.columns();
    const has = (columns: readonly KnownColumn[]): boolean =>
      columns.every(({ name }) => there.has(name));
    const release = `-release-${old.map(({ name }) => name).join('-')}.js`;
    this.last = applied.at(-1) ?? '';
    this.isReleased = applied.some((name) => name.endsWith(release));
    const writers = this.sides().filter(has);
    expect(writers.length).toBeGreaterThan(0);
    for (const writer of writers) {
      await this.insert(writer);
      await this.insert(writer);
      await this.update(writer, isFilled);
      await this.client.query(
        `UPDATE ${this.text.name} SET n = n + 1000 WHERE id = ${1 + (this.next % 8)}`,
      );
      await this.requireRead(isFilled);
    }
    return this.truth.size;
  }

  /** What the code that is there knows. */
  private sides(): (readonly KnownColumn[])[] {
    const { keepsName, old, fresh } = this.text;
    if (keepsName) return [old];
    return this.isReleased ? [fresh] : [old, fresh];
  }

  private async columns(): Promise<Map<string, string>> {
    const { rows } = await this.client.query<{ name: string; type: string }>(
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
       WHERE attrelid = '${this.text.name}'::regclass AND attnum > 0 AND NOT attisdropped`,
    );
    return new Map(rows.map(({ name, type }) => [name, type]));
  }

  private async insert(columns: readonly KnownColumn[]): Promise<void> {
    const n = this.next;
    this.next += 1;
    const { name, old, mayBeNull, mayInsertNull, mayOmit } = this.text;
    const isNull = mayBeNull && n % 4 === 0 && (mayInsertNull || columns === old);
    const isOmitted = mayOmit && !isNull && n % 3 === 0;
    const list = isOmitted ? [] : columns;
    const values = list.map((column) => (isNull ? 'NULL' : column.value(n)));
    const { rows } = await this.client.query<{ id: number | string }>(
      `INSERT INTO ${name} (${['n', ...list.map((one) => one.name)].join(', ')}) VALUES (${[n, ...values].join(', ')}) RETURNING id`,
    );
    const id = Number(rows[0]?.id);
    this.truth.set(id, isNull ? undefined : isOmitted ? 0 : n);
    this.known.add(id);
  }

  private async update(columns: readonly KnownColumn[], isFilled: boolean): Promise<void> {
    const n = this.next;
    this.next += 1;
    const id = [...this.truth.keys()][n % this.truth.size] ?? 1;
    // Where new code writes NULL into a row that is not filled yet, a trigger sees no change.
    const mayBeNull = this.text.mayBeNull && (isFilled || columns === this.text.old);
    const isNull = mayBeNull && n % 4 === 0;
    const set = columns.map((one) => `${one.name} = ${isNull ? 'NULL' : one.value(n)}`);
    await this.client.query(`UPDATE ${this.text.name} SET ${set.join(', ')} WHERE id = ${id}`);
    this.truth.set(id, isNull ? undefined : n);
    this.known.add(id);
  }

  private async requireRead(areFilled: boolean): Promise<void> {
    const { name, old, fresh, keepsName } = this.text;
    const there = await this.columns();
    const [kept] = fresh;
    const sides = keepsName
      ? [there.get(kept?.name ?? '') === kept?.type ? fresh : old]
      : this.sides();
    for (const columns of sides) {
      if (!columns.every((one) => there.has(one.name))) continue;
      const list = columns.map((one) => `${one.name}::text`).join(', ');
      const { rows } = await this.client.query<string[]>({
        text: `SELECT id, ${list} FROM ${name} ORDER BY id`,
        rowMode: 'array',
      });
      const isFilled = areFilled || columns === old || keepsName;
      const isKnown = (id: unknown): boolean => isFilled || this.known.has(Number(id));
      const found = rows.map(([id, ...row]) => [Number(id), ...row]).filter(([id]) => isKnown(id));
      const wanted = [...this.truth].filter(([id]) => isKnown(id)).sort(([a], [b]) => a - b);
      const texts = await this.textsOf(columns);
      expect({ after: this.last, columns: list, rows: found }).toEqual({
        after: this.last,
        columns: list,
        rows: wanted.map(([id, n]) => [id, ...(texts[n ?? -1] ?? columns.map(() => null))]),
      });
    }
  }

  /** The texts of each value that has been written, by its number. */
  private async textsOf(columns: readonly KnownColumn[]): Promise<(string | null)[][]> {
    const rows = Array.from({ length: this.next }, (_, n) =>
      columns.map(({ value, type }) => `(${value(n)})::${type}::text`).join(', '),
    );
    const values = rows.map((row, n) => `(${n}, ${row})`).join(', ');
    const text = `SELECT * FROM (VALUES ${values}) AS v ORDER BY 1`;
    const found = await this.client.query<(string | null)[]>({ text, rowMode: 'array' });
    return found.rows.map(([, ...row]) => row);
  }
}
