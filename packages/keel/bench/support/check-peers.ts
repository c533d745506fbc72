import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PEERS } from './peers';
import { modelText, parentOf, writeSchemaProject } from './schema-project';

/** One call of a program. */
export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
}

/** How one tool is asked whether the models and the database, or the migrations, say the same. */
export interface CheckPeer {
  readonly name: string;
  /** Whether its check reads the catalog of the database, or only the tool's own files and ledger. */
  readonly looksAtDatabase: boolean;
  /** Whether it can run on this machine. */
  readonly installed: () => boolean;
  /** Writes a project with `tables` tables in the tool's own words. */
  readonly write: (folder: string, tables: number) => void;
  /** Gives the last table's model one column more. */
  readonly change: (folder: string, tables: number) => void;
  /** Makes the tables in the empty database, by the tool itself. */
  readonly migrate: readonly ProgramCall[];
  /** What is measured. */
  readonly check: readonly ProgramCall[];
}

/** What the peers of npm are installed by. MikroORM 7 needs Node 22. */
export const CHECK_PACKAGES = [
  'sequelize@6',
  'pg@8',
  '@mikro-orm/cli@6.6.16',
  '@mikro-orm/core@6.6.16',
  '@mikro-orm/migrations@6.6.16',
  '@mikro-orm/postgresql@6.6.16',
  'drizzle-kit@0.31',
  'drizzle-orm@0.45',
] as const;

const MODULES = path.join(PEERS, 'node_modules');

const node = (script: readonly string[], ...args: string[]): ProgramCall => ({
  program: process.execPath,
  args: [path.join(MODULES, ...script), ...args],
});
const keel = (...args: string[]): ProgramCall =>
  node(['sequelize-keel', 'dist', 'bin.js'], ...args);
const mikro = (...args: string[]): ProgramCall => node(['@mikro-orm', 'cli', 'cli.js'], ...args);

/** @param python the Python that has Alembic, Django and psycopg2 */
export function checkPeers(python: string): readonly CheckPeer[] {
  const py = (...args: string[]): ProgramCall => ({ program: python, args });
  const has = (modules: string) => () =>
    spawnSync(python, ['-c', `import psycopg2, ${modules}`]).status === 0;
  const always = () => true;
  return [
    ...[true, false].map((cache) => ({
      name: `keel db:check${cache ? '' : ' --no-cache'}`,
      looksAtDatabase: true,
      installed: always,
      write: writeSchemaProject,
      change: (folder: string, tables: number) => {
        const last = tables - 1;
        write(folder, `models/m${String(last).padStart(5, '0')}.js`, modelText(last, MORE.keel));
      },
      migrate: [keel('db:migrate'), keel('db:check')],
      check: [cache ? keel('db:check') : keel('db:check', '--no-cache')],
    })),
    {
      name: 'alembic (what `alembic check` calls)',
      looksAtDatabase: true,
      installed: has('alembic'),
      write: (folder, tables) => {
        write(folder, 'models.py', alchemyModels(tables, ''));
        write(folder, 'check.py', ALEMBIC_CHECK);
      },
      change: (folder, tables) => {
        write(folder, 'models.py', alchemyModels(tables, MORE.alembic));
      },
      migrate: [py('check.py', 'create')],
      check: [py('check.py')],
    },
    {
      name: 'Django, makemigrations --check and migrate --check',
      looksAtDatabase: false,
      installed: has('django'),
      write: (folder, tables) => {
        write(folder, 'manage.py', DJANGO_MANAGE);
        write(folder, 'shop/__init__.py', '');
        write(folder, 'shop/models.py', djangoModels(tables, ''));
      },
      change: (folder, tables) => {
        write(folder, 'shop/models.py', djangoModels(tables, MORE.django));
      },
      // Making the tables takes Django minutes; its checks read no more than its ledger.
      migrate: [py('manage.py', 'makemigrations', 'shop'), py('manage.py', 'migrate', '--fake')],
      check: [
        py('manage.py', 'makemigrations', '--check', '--dry-run'),
        py('manage.py', 'migrate', '--check'),
      ],
    },
    ...[false, true].map((snapshot) => ({
      name: `MikroORM migration:check${snapshot ? ', by its snapshot file' : ''}`,
      looksAtDatabase: !snapshot,
      installed: always,
      write: (folder: string, tables: number) => {
        // Its command asks for itself among the project's dependencies.
        write(folder, 'package.json', '{ "dependencies": { "@mikro-orm/cli": "*" } }');
        write(folder, 'mikro-orm.config.js', mikroConfig(tables, '', snapshot));
      },
      change: (folder: string, tables: number) => {
        write(folder, 'mikro-orm.config.js', mikroConfig(tables, MORE.mikro, snapshot));
      },
      migrate: [mikro('migration:create', '--initial'), mikro('migration:up')],
      check: [mikro('migration:check')],
    })),
    {
      name: 'drizzle-kit generate',
      looksAtDatabase: false,
      installed: always,
      write: (folder, tables) => {
        write(folder, 'schema.js', drizzleModels(tables, ''));
        write(folder, 'drizzle.config.js', DRIZZLE_CONFIG);
      },
      change: (folder, tables) => {
        write(folder, 'schema.js', drizzleModels(tables, MORE.drizzle));
      },
      migrate: [node(['drizzle-kit', 'bin.cjs'], 'generate')],
      check: [node(['drizzle-kit', 'bin.cjs'], 'generate')],
    },
  ];
}

function write(folder: string, name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

/** The column that {@link CheckPeer.change} adds, in the words of each. */
const MORE = {
  keel: ', phone: T.STRING',
  alembic: '    phone = Column(String(255))\n',
  django: '    phone = m.CharField(max_length=255, null=True)\n',
  mikro: `, phone: { type: 'string', nullable: true }`,
  drizzle: ', phone: p.varchar({ length: 255 })',
} as const;

const each = (tables: number, text: (i: number, last: boolean) => string): string =>
  Array.from({ length: tables }, (_, i) => text(i, i === tables - 1)).join('');

function alchemyModels(tables: number, more: string): string {
  return `from sqlalchemy import Column, DateTime, ForeignKey, Index, Integer, Numeric, String, Text
from sqlalchemy.orm import declarative_base
Base = declarative_base()
${each(
  tables,
  (i, last) => `
class M${i}(Base):
    __tablename__ = 't${i}'
    __table_args__ = (Index('t${i}_name', 'name'),)
    id = Column(Integer, primary_key=True)
    name = Column(String(255), nullable=False)
    code = Column(String(40), unique=True)
    amount = Column(Numeric(10, 2), server_default='0')
    note = Column(Text)
    createdAt = Column(DateTime(timezone=True), nullable=False)
    updatedAt = Column(DateTime(timezone=True), nullable=False)
${parentOf(i) === undefined ? '' : `    parentId = Column(Integer, ForeignKey('t${i - 1}.id'))\n`}${last ? more : ''}`,
)}`;
}

/** `alembic check` came with Alembic 1.9; what it calls is older. */
const ALEMBIC_CHECK = `import os, sys
from sqlalchemy import create_engine
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from models import Base
engine = create_engine(os.environ['DATABASE_URL'].replace('postgres://', 'postgresql://', 1))
if sys.argv[1:] == ['create']:
    Base.metadata.create_all(engine)
else:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={'compare_type': True})
        found = compare_metadata(context, Base.metadata)
        if found:
            sys.exit(f'New operations: {found}')
`;

function djangoModels(tables: number, more: string): string {
  return `from django.db import models as m
${each(
  tables,
  (i, last) => `
class M${i}(m.Model):
    name = m.CharField(max_length=255)
    code = m.CharField(max_length=40, null=True, unique=True)
    amount = m.DecimalField(max_digits=10, decimal_places=2, default=0)
    note = m.TextField(null=True)
    createdAt = m.DateTimeField()
    updatedAt = m.DateTimeField()
${parentOf(i) === undefined ? '' : `    parent = m.ForeignKey('M${i - 1}', null=True, on_delete=m.SET_NULL, related_name='+')\n`}${last ? more : ''}
    class Meta:
        db_table = 't${i}'
        indexes = [m.Index(fields=['name'], name='t${i}_name')]
`,
)}`;
}

const DJANGO_MANAGE = `import os, sys
from urllib.parse import unquote, urlparse
from django.conf import settings
url = urlparse(os.environ['DATABASE_URL'])
settings.configure(
    INSTALLED_APPS=['shop'], USE_TZ=True, DEFAULT_AUTO_FIELD='django.db.models.AutoField',
    DATABASES={'default': {
        'ENGINE': 'django.db.backends.postgresql', 'NAME': url.path[1:], 'HOST': url.hostname,
        'PORT': url.port, 'USER': url.username, 'PASSWORD': unquote(url.password or ''),
    }},
)
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
`;

function mikroConfig(tables: number, more: string, snapshot: boolean): string {
  return `const { EntitySchema } = require('@mikro-orm/core');
const { Migrator } = require('@mikro-orm/migrations');
const { defineConfig } = require('@mikro-orm/postgresql');
const entities = [];
${each(
  tables,
  (i, last) => `entities.push(new EntitySchema({
  name: 'M${i}', tableName: 't${i}', indexes: [{ name: 't${i}_name', properties: ['name'] }],
  properties: {
    id: { type: 'number', primary: true }, name: { type: 'string' },
    code: { type: 'string', length: 40, nullable: true, unique: true },
    amount: { type: 'decimal', precision: 10, scale: 2, default: 0 },
    note: { type: 'text', nullable: true },
    createdAt: { type: 'datetime' }, updatedAt: { type: 'datetime' }${
      parentOf(i) === undefined
        ? ''
        : `,\n    parent: { kind: 'm:1', entity: 'M${i - 1}', nullable: true }`
    }${last ? more : ''}
  },
}));
`,
)}
module.exports = defineConfig({
  clientUrl: process.env.DATABASE_URL.replace('postgres://', 'postgresql://'),
  entities, extensions: [Migrator], metadataCache: { enabled: false }, discovery: { warnWhenNoEntities: false },
  migrations: { path: __dirname + '/migrations', snapshot: ${snapshot}, emit: 'js' },
});
`;
}

function drizzleModels(tables: number, more: string): string {
  return `const p = require('drizzle-orm/pg-core');
${each(
  tables,
  (i, last) => `exports.t${i} = p.pgTable('t${i}', {
  id: p.serial().primaryKey(), name: p.varchar({ length: 255 }).notNull(), code: p.varchar({ length: 40 }).unique(),
  amount: p.numeric({ precision: 10, scale: 2 }).default('0'), note: p.text(),
  createdAt: p.timestamp({ withTimezone: true }).notNull(), updatedAt: p.timestamp({ withTimezone: true }).notNull()${
    parentOf(i) === undefined
      ? ''
      : `,\n  parentId: p.integer().references(() => exports.t${i - 1}.id)`
  }${last ? more : ''}
}, (t) => [p.index('t${i}_name').on(t.name)]);
`,
)}`;
}

const DRIZZLE_CONFIG = `module.exports = { dialect: 'postgresql', schema: './schema.js', out: './drizzle' };\n`;
