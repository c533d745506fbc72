import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';

/** A hook of `require` for the files of one extension. */
export type ExtensionHook = (module: Module, filename: string) => void;

/** The deprecated but irreplaceable registry through which every CommonJS loader hooks in. */
export const extensions = (Module as unknown as { _extensions: Record<string, ExtensionHook> })
  ._extensions;

type Compiled = Module & { _compile(this: Module, code: string, filename: string): void };

const typescript = ['.ts', '.tsx', '.cts', '.mts'];

/** Texts of old sources are of no more use, so that the folder is emptied when it has grown. */
const mostKept = 5000;

/** What a tsconfig.json may ask of ts-node besides compiling a file by itself. */
const beyondCompiling =
  /"(allowJs|require|swc|esm|preferTsExts|transpiler|compilerHost|experimentalResolver)"/;

/**
 * Registers ts-node, which loads the whole TypeScript compiler in a fifth of a second or more, only for a file
 * whose compiled text is not kept yet in `node_modules/.cache/sequelize-keel`. Kept texts are named by
 * all that they depend on: source, settings, versions.
 *
 * @param tsNode the path of the project's ts-node
 * @param register registers it
 */
export function registerWithCache(root: string, tsNode: string, register: () => void): void {
  const folder = path.join(root, 'node_modules', '.cache', 'sequelize-keel');
  const settings = existsSync(path.join(root, 'node_modules'))
    ? readSettings(root, tsNode)
    : undefined;
  if (settings === undefined) {
    register();
    return;
  }
  // The kept texts hold their source maps, which ts-node would apply where it is registered.
  process.setSourceMapsEnabled(true);
  let compile: ExtensionHook | undefined;
  const compiler = (extension: string): ExtensionHook | undefined => {
    // ts-node puts itself before the hook that it finds.
    for (const name of typescript) delete extensions[name];
    register();
    const hook = extensions[extension] ?? extensions['.ts'];
    for (const name of typescript) extensions[name] = load;
    return hook;
  };
  const load: ExtensionHook = (module, filename) => {
    const key = hash([settings, filename, readFileSync(filename, 'utf8')]);
    const kept = path.join(folder, `${key}.js`);
    const text = readText(kept);
    if (text !== undefined) {
      (module as Compiled)._compile(text, filename);
      return;
    }
    compile ??= compiler(path.extname(filename));
    keepCompiled(module as Compiled, filename, kept);
    compile?.(module, filename);
  };
  for (const name of typescript) extensions[name] = load;
}

/** Writes the text that is about to be run. A folder that cannot be written to is no fault. */
function keepCompiled(module: Compiled, filename: string, kept: string): void {
  const run = module._compile.bind(module);
  module._compile = (code, name) => {
    if (name === filename) {
      try {
        const folder = path.dirname(kept);
        mkdirSync(folder, { recursive: true });
        if (readdirSync(folder).length > mostKept) rmSync(folder, { recursive: true });
        mkdirSync(folder, { recursive: true });
        writeFileSync(`${kept}.${process.pid}`, code);
        renameSync(`${kept}.${process.pid}`, kept);
      } catch {
        // The next run compiles again.
      }
    }
    run(code, name);
  };
}

/** All that the compiled text depends on besides its source; undefined where that cannot be told. */
function readSettings(root: string, tsNode: string): string | undefined {
  const configs = readConfigs(root);
  if (configs === undefined || configs.some((text) => beyondCompiling.test(text))) return undefined;
  const fromRoot = createRequire(path.join(root, 'noop.js'));
  try {
    const manifests = [
      path.join(path.dirname(tsNode), '..', 'package.json'),
      fromRoot.resolve('typescript/package.json'),
    ];
    const variables = Object.entries(process.env).filter(([name]) => name.startsWith('TS_NODE'));
    const versions = manifests.map((file) => readFileSync(file, 'utf8'));
    return hash([process.version, JSON.stringify(variables), ...versions, ...configs]);
  } catch {
    return undefined;
  }
}

/** The texts of the nearest tsconfig.json and of those that it extends. */
function readConfigs(root: string): string[] | undefined {
  for (let folder = root; ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'tsconfig.json');
    if (existsSync(file)) return withExtended(file);
    if (folder === path.dirname(folder)) return [];
  }
}

function withExtended(file: string): string[] | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  const extended = /"extends"\s*:\s*("[^"]+"|\[[^\]]*\])/.exec(text)?.[1];
  const names = [...(extended ?? '').matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);
  const texts = names.map((name) => {
    const found = resolveConfig(name, file);
    return found === undefined ? undefined : withExtended(found);
  });
  return texts.includes(undefined) ? undefined : [text, ...texts.flatMap((each) => each ?? [])];
}

function resolveConfig(name: string, from: string): string | undefined {
  const resolver = createRequire(from);
  for (const candidate of [name, `${name}.json`, `${name}/tsconfig.json`]) {
    try {
      const file = resolver.resolve(candidate);
      if (file.endsWith('.json')) return file;
    } catch {
      // The next form.
    }
  }
  return undefined;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function hash(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32);
}
