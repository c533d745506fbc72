import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isEsModule } from '../is-es-module';
import { readCompiled } from './compile-cache';
import type { CompiledFile, ModuleFormat } from './compile-typescript';
import { isTypeScript } from './is-typescript';

/** The files that `require` has loaded; others are ES modules. */
const required = new Set<string>();
const maps = new Map<string, SourceMap | undefined>();
let installed = false;

/**
 * Lets stack traces name the lines of the TypeScript. Not `process.setSourceMapsEnabled`: Node then reads the map of
 * each file of each package too, and keeps all of them.
 *
 * @param file one that `require` is about to load
 */
export function mapStackTraces(file?: string): void {
  if (file !== undefined) required.add(file);
  if (installed || mapsByNode()) return;
  installed = true;
  const { prepareStackTrace } = Error as { prepareStackTrace?: typeof Error.prepareStackTrace };
  Error.prepareStackTrace = (error, frames) => {
    const trace = prepareStackTrace?.(error, frames) as unknown;
    // Someone wants the frames themselves.
    if (prepareStackTrace && typeof trace !== 'string') return trace;
    // eslint-disable-next-line @typescript-eslint/no-base-to-string -- it has one of its own
    const lines = new Map(frames.map((frame) => [`    at ${String(frame)}`, frame]));
    return (typeof trace === 'string' ? trace : [errorLine(error), ...lines.keys()].join('\n'))
      .split('\n')
      .map((line) => mappedLine(line, lines.get(line)))
      .join('\n');
  };
}

/** The text to be run: with its map where Node was told to read maps. */
export function withMap(file: string, { code, mappings }: CompiledFile): string {
  if (!mapsByNode()) return code;
  const map = JSON.stringify({ version: 3, sources: [file], names: [], mappings });
  const data = Buffer.from(map).toString('base64');
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${data}`;
}

function mapsByNode(): boolean {
  return (process as { sourceMapsEnabled?: boolean }).sourceMapsEnabled === true;
}

/** As Node begins a stack trace. */
function errorLine(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}

function mappedLine(text: string, frame: NodeJS.CallSite | undefined): string {
  const name = frame?.getFileName();
  const line = frame?.getLineNumber();
  const column = frame?.getColumnNumber();
  if (!name || !line || !column || !isTypeScript(name)) return text;
  const entry = mapOf(name)?.findEntry(line - 1, column - 1);
  if (entry === undefined || !('originalLine' in entry)) return text;
  return text.replace(
    `${name}:${line}:${column}`,
    `${name}:${entry.originalLine + 1}:${entry.originalColumn + 1}`,
  );
}

function mapOf(name: string): SourceMap | undefined {
  if (!maps.has(name)) maps.set(name, readMap(name));
  return maps.get(name);
}

function readMap(name: string): SourceMap | undefined {
  try {
    const file = name.startsWith('file:') ? fileURLToPath(name) : name;
    const format: ModuleFormat = required.has(file) ? 'commonjs' : 'module';
    if (format === 'module' && !isEsModule(file)) return undefined;
    const { mappings } = readCompiled(file, format);
    return new SourceMap({
      file,
      version: 3,
      sources: [file],
      sourcesContent: [],
      names: [],
      sourceRoot: '',
      mappings,
    });
  } catch {
    // The file is no longer what it was.
    return undefined;
  }
}
