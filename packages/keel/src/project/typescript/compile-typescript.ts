import type { Options } from '@swc/wasm';
import { messageOf } from '../../errors';
import type { TypeScriptSettings } from './typescript-settings';

/** What a file is to become: text for `require`, or an ES module. */
export type ModuleFormat = 'commonjs' | 'module';

/** JavaScript, and where in the TypeScript it comes from. */
export interface CompiledFile {
  readonly code: string;
  /** The `mappings` of a source map. */
  readonly mappings: string;
}

/** All that a file's JavaScript depends on besides the file: the compiler and its options. */
export function compilerKey(format: ModuleFormat, settings: TypeScriptSettings): string {
  const { version } = require('@swc/wasm/package.json') as { version: string };
  return `${version} ${JSON.stringify(swcOptions('', format, settings))}`;
}

/**
 * Compiles a file by itself, as TypeScript's `isolatedModules` does; types are not checked. The compiler is loaded
 * by the first call. docs/typescript.md says why it is swc.
 *
 * @throws SyntaxError whose stack begins with the place, as that of Node does
 */
export function compileTypeScript(
  file: string,
  source: string,
  format: ModuleFormat,
  settings: TypeScriptSettings,
): CompiledFile {
  const { transformSync } = require('@swc/wasm') as typeof import('@swc/wasm');
  try {
    const { code, map = '{}' } = transformSync(source, swcOptions(file, format, settings));
    return { code, mappings: (JSON.parse(map) as { mappings?: string }).mappings ?? '' };
  } catch (error) {
    throw syntaxError(file, source, error);
  }
}

/** A variable of its own, since the types of swc do not know all of its options. */
function swcOptions(file: string, format: ModuleFormat, settings: TypeScriptSettings): Options {
  const transform = {
    legacyDecorator: settings.legacyDecorators,
    decoratorMetadata: settings.decoratorMetadata,
    // With a version, swc takes no decorator for a legacy one.
    decoratorVersion: settings.legacyDecorators ? undefined : '2023-11',
    useDefineForClassFields: settings.defineFields,
    verbatimModuleSyntax: settings.keepImports,
  };
  const experimental: object = { keepImportAttributes: true };
  return {
    filename: file,
    swcrc: false,
    configFile: false,
    sourceMaps: true,
    module:
      format === 'module'
        ? { type: 'es6' }
        : { type: 'commonjs', noInterop: !settings.interop, ignoreDynamic: true },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform,
      experimental,
    },
  };
}

/** swc throws a drawing: the message, the place where it begins, lines of the source, a mark below most faults. */
function syntaxError(file: string, source: string, thrown: unknown): Error {
  const drawing = typeof thrown === 'string' ? thrown : messageOf(thrown);
  const error = new SyntaxError(/^\s*x (.*)$/m.exec(drawing)?.[1] ?? drawing);
  const begin = /,-\[.*:(\d+):(\d+)\]$/m.exec(drawing);
  if (begin === null) return error;
  const marked = /^ *(\d+) \| .*\n *: (.*)$/m.exec(drawing);
  const line = Number(marked?.[1] ?? begin[1]);
  const mark = marked?.[2] ?? `${' '.repeat(Number(begin[2]) - 1)}^`;
  const text = source.split(/\r?\n/)[line - 1] ?? '';
  error.stack = `${file}:${line}\n${text}\n${mark}\n\n${error.stack ?? ''}`;
  return error;
}
