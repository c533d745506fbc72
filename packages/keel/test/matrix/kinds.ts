import type { ProjectFiles } from '../support/projects';

/** A kind of project. */
export interface Kind {
  readonly name: string;
  readonly type: 'commonjs' | 'module';
  /** The version of TypeScript; undefined for JavaScript. */
  readonly typescript?: 5 | 6 | 7;
  /** Packages besides Sequelize, pg, keel and TypeScript. */
  readonly packages?: readonly string[];
  readonly files?: ProjectFiles;
  /** What `tsc --init` writes is changed so. */
  readonly compilerOptions?: Readonly<Record<string, unknown>>;
  readonly models?: ProjectFiles;
  readonly env?: Readonly<Record<string, string>>;
  readonly manager?: 'npm' | 'pnpm';
  /** The sub-folder that keel runs in, and the folders from there. */
  readonly part?: string;
  readonly folders?: {
    readonly config: string;
    readonly models: string;
    readonly migrations: string;
  };
  readonly brokenLoader?: RegExp;
}

/** How a project has a loader: installed and not registered is a way, too. */
const LOADERS: readonly Pick<Kind, 'name' | 'packages' | 'files' | 'env' | 'type'>[] = [
  { name: '', type: 'commonjs' },
  { name: ', ts-node and tsx installed', packages: ['ts-node', 'tsx'], type: 'commonjs' },
  {
    name: ', ts-node registered',
    packages: ['ts-node'],
    files: { '.sequelizerc': `require('ts-node').register({ transpileOnly: true });\n` },
    type: 'commonjs',
  },
  {
    name: ', tsx registered',
    packages: ['tsx'],
    files: { '.sequelizerc': `require('tsx/cjs');\n` },
    type: 'commonjs',
  },
  { name: '', type: 'module' },
  { name: ', ts-node and tsx installed', packages: ['ts-node', 'tsx'], type: 'module' },
  {
    name: ', ts-node registered',
    packages: ['ts-node'],
    files: { '.sequelizerc': `require('ts-node').register({ transpileOnly: true });\n` },
    type: 'module',
  },
  {
    name: ', tsx registered',
    packages: ['tsx'],
    env: { NODE_OPTIONS: '--import tsx' },
    type: 'module',
  },
];

const VERSIONS = [5, 6, 7] as const;

/** What keel says of ts-node where it cannot work. With ES modules keel uses its own loader in any case. */
function brokenTsNode(version: number, type: Kind['type']): RegExp | undefined {
  if (version === 7) return /ts-node cannot use TypeScript 7[^]*remove what registers ts-node/;
  if (version === 5 || type === 'module') return undefined;
  return /ts-node fails by itself[^]*TypeScript 6[^]*TS5011[^]*remove what registers ts-node/;
}

const MODULES = { commonjs: 'CommonJS', module: 'ES modules' } as const;

const javascript: Kind[] = (['commonjs', 'module'] as const).flatMap((type) =>
  (['npm', 'pnpm'] as const).map((manager) => ({
    name: `JavaScript, ${MODULES[type]}${manager === 'npm' ? '' : ', pnpm'}`,
    type,
    manager,
  })),
);

const typescript: Kind[] = VERSIONS.flatMap((version) =>
  LOADERS.map((loader) => ({
    ...loader,
    name: `TypeScript ${version}, ${MODULES[loader.type]}${loader.name}`,
    typescript: version,
    brokenLoader:
      loader.name === ', ts-node registered' ? brokenTsNode(version, loader.type) : undefined,
  })),
);

const pnpm: Kind[] = (['commonjs', 'module'] as const).map((type) => ({
  name: `TypeScript 7, ${MODULES[type]}, pnpm`,
  type,
  typescript: 7,
  manager: 'pnpm',
  packages: ['@types/node'],
}));

const DECORATED: ProjectFiles = {
  'user.ts': `import { Column, DataType, HasMany, Model, Table } from 'sequelize-typescript';
import { Post } from '@models/post.js';

@Table({ tableName: 'users' })
export class User extends Model {
  @Column name!: string;
  @Column({ type: DataType.ENUM('a', 'b') }) role!: string;
  @HasMany(() => Post) posts!: Post[];
}
`,
  'post.ts': `import { BelongsTo, Column, ForeignKey, Model, Table } from 'sequelize-typescript';
import type { User as Author } from './user.js';
import { User } from './user.js';

@Table({ tableName: 'posts' })
export class Post extends Model {
  @Column title!: string;
  @Column published!: Date;
  @ForeignKey(() => User) @Column userId!: number;
  @BelongsTo(() => User) user!: Author;
}
`,
};

const decorated: Kind[] = VERSIONS.flatMap((version) =>
  (['commonjs', 'module'] as const).map((type) => ({
    name: `sequelize-typescript, TypeScript ${version}, ${MODULES[type]}, paths`,
    type,
    typescript: version,
    packages: ['sequelize-typescript', 'reflect-metadata', '@types/node', '@types/validator'],
    models: DECORATED,
    compilerOptions: {
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      useDefineForClassFields: false,
      verbatimModuleSyntax: false,
      paths: { '@models/*': ['./models/*'] },
    },
  })),
);

const monorepo: Kind[] = (['commonjs', 'module'] as const).map((type) => ({
  name: `TypeScript 6, ${MODULES[type]}, monorepo`,
  type,
  typescript: 6,
  part: 'apps/api',
  files: {
    'apps/api/package.json': { name: 'api', type },
    'packages/db/package.json': { name: 'db', type },
    'apps/api/.sequelizerc': `module.exports = {
      config: '../../config/config.json',
      'models-path': '../../packages/db/models',
      'migrations-path': '../../packages/db/migrations',
      'seeders-path': '../../packages/db/seeders',
    };`,
  },
  folders: {
    config: '../../config',
    models: '../../packages/db/models',
    migrations: '../../packages/db/migrations',
  },
}));

/** Every kind of project of the matrix. */
export const KINDS: readonly Kind[] = [
  ...javascript,
  ...typescript,
  ...pnpm,
  ...decorated,
  ...monorepo,
];
