import vm from 'node:vm';
import type { Client, ClientBase } from 'pg';
import { Sequelize } from 'sequelize';
import { writeMigrationFile } from '../../src/codegen/write-migration-file';
import { writeStatements } from '../../src/codegen/write-statements';
import { compareSchemas } from '../../src/diff/compare-schemas';
import type { Operation } from '../../src/diff/operation';
import { reverseAll } from '../../src/diff/reverse';
import type { Replayed } from '../../src/generate/plan-change';
import type { ModelSide } from '../../src/scratch/model-side';
import { buildFromPlan } from '../../src/schema/build-from-plan';
import { planBuild } from '../../src/schema/plan-build';
import { byKey, readSchema } from '../../src/schema/read-schema';
import type { AnySequelize } from '../../src/schema/sequelize-internals';
import type { Schema } from '../../src/schema/schema';
import { createDatabase } from './database';

/** A migration that was generated, as text and as what it is made of. */
export interface Generated {
  readonly text: string;
  readonly operations: readonly Operation[];
}

/** One database in which everything happens in a transaction that is rolled back. */
export interface Side {
  readonly client: Client;
  readonly sequelize: Sequelize;
  read(): Promise<Schema>;
}

/** Two databases, one for migrations and one for models, that are made once and used for every case. */
export class SchemaLab {
  private constructor(
    readonly migrations: Side,
    readonly models: Side,
    readonly close: () => Promise<void>,
  ) {}

  static async open(): Promise<SchemaLab> {
    const databases = [await createDatabase(), await createDatabase()] as const;
    const [migrations, models] = [
      await openSide(databases[0].url),
      await openSide(databases[1].url),
    ];
    return new SchemaLab(migrations, models, async () => {
      await migrations.sequelize.close();
      await models.sequelize.close();
      for (const database of databases) await database.drop();
    });
  }

  /** Runs `use` on both databases and rolls everything back. */
  async inTransaction<T>(use: () => Promise<T>): Promise<T> {
    await Promise.all([this.migrations.client.query('BEGIN'), this.models.client.query('BEGIN')]);
    try {
      return await use();
    } finally {
      await Promise.all([
        this.migrations.client.query('ROLLBACK'),
        this.models.client.query('ROLLBACK'),
      ]);
    }
  }

  /** The database of migrations, for changes that are tried and taken back. */
  get replayed(): Replayed {
    const { client, read } = this.migrations;
    return {
      read,
      attempt: async (use) => {
        await client.query('SAVEPOINT attempt');
        const result = await use(client);
        await client.query('ROLLBACK TO SAVEPOINT attempt');
        return result;
      },
    };
  }

  /** What the models build; the database of models is as it was afterwards. */
  async build(define: (sequelize: Sequelize) => void, surroundings?: Schema): Promise<ModelSide> {
    const sequelize = new Sequelize({ dialect: 'postgres', logging: false });
    define(sequelize);
    const plan = planBuild(sequelize as unknown as AnySequelize);
    return this.aside(async () => {
      await buildFromPlan(this.models.client, plan, surroundings, { inTransaction: true });
      return { schema: await this.models.read(), facts: plan.facts, failures: [] };
    });
  }

  /** What `sync({ force: true })` builds. */
  async sync(define: (sequelize: Sequelize) => void): Promise<Schema> {
    return this.aside(async () => {
      define(this.models.sequelize);
      await this.models.sequelize.sync({ force: true });
      for (const model of Object.values(this.models.sequelize.models)) {
        this.models.sequelize.modelManager.removeModel(model);
      }
      return this.models.read();
    });
  }

  private async aside<T>(use: () => Promise<T>): Promise<T> {
    await this.models.client.query('SAVEPOINT aside');
    const result = await use();
    await this.models.client.query('ROLLBACK TO SAVEPOINT aside');
    return result;
  }

  /** Runs `up` or `down` of a migration's text on the database of migrations. */
  async run({ text }: Generated, direction: 'up' | 'down'): Promise<void> {
    const module: { exports: Record<string, (...args: unknown[]) => Promise<void>> } = {
      exports: {},
    };
    const load = vm.runInThisContext(`(function (module) {${text}\n})`) as (
      target: unknown,
    ) => void;
    load(module);
    try {
      await module.exports[direction]?.(this.migrations.sequelize.getQueryInterface(), Sequelize);
    } catch (error) {
      const { message, sql } = error as { message: string; sql?: string };
      const original: unknown = (error as { original?: unknown }).original;
      throw Object.assign(new Error(`${direction}: ${message}\n${sql ?? ''}\n${text}`), {
        original,
      });
    }
  }
}

/** The migration from one schema to what models describe. */
export function generate(before: Schema, { schema, facts }: ModelSide): Generated {
  const { operations } = compareSchemas(before, schema, { mode: 'models', facts });
  return writeGenerated(before, schema, operations);
}

/** The migration that makes `operations`. */
export function writeGenerated(
  before: Schema,
  schema: Schema,
  operations: readonly Operation[],
): Generated {
  const context = { language: 'commonjs', sequelizeMajor: 6 } as const;
  const text = writeMigrationFile(
    context,
    {
      up: writeStatements(context, operations, byKey(schema.enums)),
      down: writeStatements(context, reverseAll(operations), byKey(before.enums)),
      remarks: new Map(),
      withoutTransaction: false,
    },
    { printWidth: 80 },
  );
  return { text, operations };
}

async function openSide(url: string): Promise<Side> {
  const sequelize = new Sequelize(url, {
    logging: false,
    // One connection, so that every query is in the same transaction.
    pool: { max: 1, min: 1, idle: 1e9, evict: 1e9 },
  });
  const { connectionManager } = sequelize as unknown as {
    connectionManager: {
      getConnection(options: object): Promise<Client>;
      releaseConnection(client: Client): void;
    };
  };
  const client = await connectionManager.getConnection({ type: 'RAW' });
  connectionManager.releaseConnection(client);
  // Most of the time would go into planning queries of the catalog: keel's, and those of sync().
  await client.query('SET plan_cache_mode = force_generic_plan; SET join_collapse_limit = 1');
  const catalog = preparing(client);
  return { client, sequelize, read: () => readSchema(catalog, { inTransaction: true }) };
}

/** For queries that take longer to plan than to run: each is planned once for all the cases. */
function preparing(client: Client): ClientBase {
  const names = new Map<string, string>();
  const query = (text: string, values: unknown[] = []): Promise<unknown> => {
    // PostgreSQL prepares one statement at a time.
    if (text.startsWith('SET ')) return client.query(text);
    const name = names.get(text) ?? `catalog_${names.size}`;
    names.set(text, name);
    return client.query({ name, text, values });
  };
  return { query } as ClientBase;
}
