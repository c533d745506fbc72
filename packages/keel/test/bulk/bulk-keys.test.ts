import { DataTypes, type Sequelize } from 'sequelize';
import type { BulkEvent } from '../../src/bulk/bulk-events';
import { withModels, type BulkBench } from '../support/bulk';

const plain = { timestamps: false };
const key = (name: string): { type: DataTypes.IntegerDataTypeConstructor; field: string } => ({
  type: DataTypes.INTEGER,
  field: name,
});

/** Makes tables by SQL where models cannot say what they are like. */
async function remake({ client }: BulkBench, sql: string): Promise<void> {
  await client.query(`DROP SCHEMA public CASCADE; CREATE SCHEMA public; ${sql}`);
}

function defineShops(sequelize: Sequelize): void {
  sequelize.define('Shop', {}, { tableName: 'shops', ...plain });
  sequelize.define('Order', { shop: key('shop') }, { tableName: 'orders', ...plain });
}

test('foreign keys of the database lead to models without an association', () =>
  withModels(defineShops, async (bench) => {
    await remake(
      bench,
      `CREATE TABLE shops (id serial PRIMARY KEY);
       CREATE TABLE orders (id serial PRIMARY KEY, shop int NOT NULL REFERENCES shops)`,
    );
    await bench.run({ Order: 30 });
    expect(await bench.value('SELECT count(*)::int FROM shops')).toBe(3);
    await bench.undo();
    await bench.run({ Shop: 0 }).catch(() => undefined);
    await bench.undo();
    expect(await bench.value(`SELECT to_regclass('keel.bulk') IS NULL`)).toBe(true);
  }));

test('one column may refer to two tables only where the one reference follows from the other', () =>
  withModels(
    (sequelize) => {
      defineShops(sequelize);
      sequelize.define('Branch', {}, { tableName: 'branches', ...plain });
    },
    async (bench) => {
      await remake(
        bench,
        `CREATE TABLE shops (id serial PRIMARY KEY);
         CREATE TABLE branches (id int PRIMARY KEY REFERENCES shops);
         CREATE TABLE orders (id serial PRIMARY KEY, shop int NOT NULL REFERENCES branches REFERENCES shops)`,
      );
      await bench.run({ Shop: 5, Branch: 4, Order: 20 });
      expect(await bench.value('SELECT count(*)::int FROM orders')).toBe(20);
      await bench.undo();
      await bench.client.query('ALTER TABLE branches DROP CONSTRAINT branches_id_fkey');
      await expect(bench.run({ Shop: 5, Branch: 4, Order: 20 })).rejects.toMatchObject({
        code: 'SEED_PLAN_IMPOSSIBLE',
        message: expect.stringContaining('share shop with another') as string,
      });
    },
  ));

test('a foreign key whose checks are switched off keeps its state', () =>
  withModels(defineShops, async (bench) => {
    await remake(
      bench,
      `CREATE TABLE shops (id serial PRIMARY KEY);
       CREATE TABLE orders (id serial PRIMARY KEY, shop int NOT NULL REFERENCES shops);
       ALTER TABLE orders DISABLE TRIGGER ALL`,
    );
    await bench.run({ Shop: 5, Order: 20 }, { rebuild: 'always' });
    expect(
      await bench.value(
        `SELECT array_agg(DISTINCT tgenabled::text) FROM pg_trigger WHERE tgrelid = 'orders'::regclass`,
      ),
    ).toEqual(['D']);
  }));

test('what a table cannot hold is said before anything is written, with a hint that helps', () =>
  withModels(defineShops, async (bench) => {
    await remake(
      bench,
      `CREATE TABLE shops (id bigint PRIMARY KEY); INSERT INTO shops VALUES (9007199254740993);
       CREATE TABLE orders (id int, shop int) PARTITION BY LIST (id)`,
    );
    await expect(bench.run({ Shop: 5, Order: 0 })).rejects.toMatchObject({
      code: 'SEED_NUMBERS_EXHAUSTED',
      message: expect.stringContaining('keel counts to 9007199254740991') as string,
      hint: expect.stringContaining('generate.integer') as string,
    });
    await expect(bench.run({ Order: 5 })).rejects.toMatchObject({
      code: 'SEED_PLAN_IMPOSSIBLE',
      message: expect.stringContaining('has no partition') as string,
    });
    await bench.client.query(
      `CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''closed''; END';
       CREATE TABLE all_orders PARTITION OF orders DEFAULT;
       CREATE TRIGGER no BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION no()`,
    );
    await expect(bench.run({ Order: 5 })).rejects.toMatchObject({
      code: 'SEED_WRITE_FAILED',
      hint: expect.stringContaining('will fail in the same way') as string,
    });
  }));

test('unique days, bits and parents of one table', () =>
  withModels(defineShops, async (bench) => {
    await remake(
      bench,
      `CREATE TABLE shops (id serial PRIMARY KEY, opened date NOT NULL UNIQUE, flags varbit NOT NULL UNIQUE,
         head int NOT NULL UNIQUE REFERENCES shops)`,
    );
    await bench.run({ Shop: 900, Order: 0 });
    expect(
      await bench.value(
        'SELECT count(DISTINCT opened) + count(DISTINCT flags) + count(DISTINCT head) FROM shops',
      ),
    ).toBe('2700');
  }));

test('a polymorphic junction keeps to the scope of its association, and the other is told of', () =>
  withModels(
    (sequelize) => {
      const Tag = sequelize.define('Tag', {}, plain);
      const Tagging = sequelize.define('Tagging', { kind: DataTypes.STRING }, plain);
      for (const kind of ['image', 'video']) {
        const Owner = sequelize.define(kind, {}, plain);
        const through = { model: Tagging, unique: false, scope: { kind } };
        Owner.belongsToMany(Tag, { through, foreignKey: 'ownerId', constraints: false });
        Tag.belongsToMany(Owner, {
          through: { model: Tagging, unique: false },
          foreignKey: 'tagId',
          otherKey: 'ownerId',
          constraints: false,
        });
      }
    },
    async ({ run, value }) => {
      const events: BulkEvent[] = [];
      await run({ Tag: 5, image: 7, video: 30 }, { onEvent: (event) => events.push(event) });
      expect(await value('SELECT array_agg(DISTINCT kind) FROM "Taggings"')).toEqual(['image']);
      expect(JSON.stringify(events)).toContain('with public.images and with public.videos');
    },
  ));
