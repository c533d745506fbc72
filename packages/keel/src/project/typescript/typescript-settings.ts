import { createRequire } from 'node:module';
import path from 'node:path';
import { createFilesMatcher, createPathsMatcher, getTsconfig, parseTsconfig } from 'get-tsconfig';
import type { TsConfigResult } from 'get-tsconfig';
import { KeelError, messageOf, NOTHING_CHANGED } from '../../errors';

/** What a tsconfig.json says that changes how a file by itself is compiled. */
export interface TypeScriptSettings {
  /** Decorators as TypeScript had them before version 5, which sequelize-typescript needs. */
  readonly legacyDecorators: boolean;
  /** The types of decorated properties are there at run time. */
  readonly decoratorMetadata: boolean;
  /** A field without a value is defined too, and so hides the getter of a model's attribute. */
  readonly defineFields: boolean;
  /** Imports that are not used are kept. */
  readonly keepImports: boolean;
  /** A CommonJS module that was not compiled is its own default export. */
  readonly interop: boolean;
}

/** The tsconfig.json of a file. */
export interface TypeScriptProject {
  readonly settings: TypeScriptSettings;
  /** The option `module` in small letters. */
  readonly module: string;
  /** The files, as absolute paths, that `paths` and `baseUrl` let an import stand for. */
  readonly aliases: (specifier: string) => readonly string[];
  /** Whether one of `paths`, other than `*`, is made for the import. */
  readonly isAlias: (specifier: string) => boolean;
}

/** What suits models of any kind, where no tsconfig.json says otherwise. */
const WITHOUT_CONFIG: TypeScriptProject = {
  settings: {
    legacyDecorators: true,
    decoratorMetadata: true,
    defineFields: false,
    keepImports: false,
    interop: true,
  },
  module: 'esnext',
  aliases: () => [],
  isAlias: () => false,
};

const files = new Map<string, string>();
const nearest = new Map<string, TsConfigResult | null>();
const projects = new Map<string, TypeScriptProject>();

/**
 * The tsconfig.json nearest to a file. One that has no files of its own, only `references`, stands for the first of
 * those that has the file.
 *
 * @throws KeelError `TSCONFIG_INVALID`
 */
export function typescriptProjectOf(file: string): TypeScriptProject {
  const config = readConfig(file);
  if (config === null) return WITHOUT_CONFIG;
  const known = projects.get(config.path) ?? {
    ...settingsOf(config),
    aliases: createPathsMatcher(config) ?? WITHOUT_CONFIG.aliases,
    isAlias: (specifier) =>
      Object.keys(config.config.compilerOptions?.paths ?? {}).some((pattern) =>
        matches(pattern, specifier),
      ),
  };
  projects.set(config.path, known);
  return known;
}

function matches(pattern: string, specifier: string): boolean {
  const [start = '', end] = pattern.split('*', 2);
  if (end === undefined) return specifier === pattern;
  return pattern !== '*' && specifier.startsWith(start) && specifier.endsWith(end);
}

function readConfig(file: string): TsConfigResult | null {
  const folder = path.dirname(file);
  try {
    const found = nearest.get(folder) ?? getTsconfig(folder, 'tsconfig.json', files);
    nearest.set(folder, found);
    return found === null ? null : referenced(found, file);
  } catch (error) {
    throw new KeelError(`The tsconfig.json of ${file} cannot be read: ${messageOf(error)}`, {
      code: 'TSCONFIG_INVALID',
      state: NOTHING_CHANGED,
      hint: 'Correct it, or install what it extends: "npx tsc --showConfig" reads both.',
      cause: error,
    });
  }
}

function referenced(config: TsConfigResult, file: string): TsConfigResult {
  const { references = [], files: own } = config.config;
  if (own?.length !== 0) return config;
  const others = references.map((reference) => {
    const target = path.resolve(path.dirname(config.path), reference.path);
    const name = target.endsWith('.json') ? target : path.join(target, 'tsconfig.json');
    return { path: name, config: parseTsconfig(name, files) };
  });
  return others.find((other) => createFilesMatcher(other)(file) !== undefined) ?? config;
}

/** The defaults of `useDefineForClassFields` and `esModuleInterop` hang on other options, and on the version. */
function settingsOf({
  path: file,
  config,
}: TsConfigResult): Pick<TypeScriptProject, 'settings' | 'module'> {
  const options = config.compilerOptions ?? {};
  const isOld = majorOf(file) < 6;
  const target = options.target?.toLowerCase() ?? (isOld ? 'es5' : 'es2025');
  const module = options.module?.toLowerCase() ?? (isOld ? 'commonjs' : 'esnext');
  const legacyDecorators = options.experimentalDecorators === true;
  const settings = {
    legacyDecorators,
    decoratorMetadata: legacyDecorators && options.emitDecoratorMetadata === true,
    defineFields: options.useDefineForClassFields ?? /^es(20(2[2-9]|[3-9])|next)/.test(target),
    keepImports: options.verbatimModuleSyntax === true,
    interop: options.esModuleInterop ?? !(isOld && module === 'commonjs'),
  };
  return { settings, module };
}

/** The version of the project's TypeScript; where it has none, that of today. */
function majorOf(config: string): number {
  try {
    const { version } = createRequire(config)('typescript/package.json') as { version: string };
    return Number.parseInt(version, 10);
  } catch {
    return 7;
  }
}
