import { createRequire } from 'node:module';
import { KeelError, messageOf, NOTHING_CHANGED } from '../../errors';

const LOADER =
  /node_modules[\\/](ts-node|tsx|@swc-node[\\/]register|esbuild-register|@esbuild-kit[\\/][\w-]+|sucrase)[\\/]/;

/**
 * The error where a loader that the project registers cannot work at all, as ts-node cannot with TypeScript 7;
 * undefined where the fault is in a file of the project.
 *
 * @param file the file that was being loaded
 */
export function loaderFailure(error: unknown, file: string): KeelError | undefined {
  const loader = failedLoader(error);
  if (loader === undefined) return undefined;
  const version = typescriptVersion(file);
  const isTooNew = loader !== 'tsx' && version !== undefined && Number.parseInt(version, 10) >= 7;
  return new KeelError(
    isTooNew
      ? `${loader} cannot use TypeScript ${version}, which has no compiler for other programs to call.`
      : `${loader} fails by itself on Node ${process.versions.node}${version === undefined ? '' : ` with TypeScript ${version}`}: ${firstLine(messageOf(error))}`,
    {
      code: 'TYPESCRIPT_LOADER_FAILED',
      state: NOTHING_CHANGED,
      hint:
        `keel loads TypeScript without it: remove what registers ${loader} (in .sequelizerc, NODE_OPTIONS or ` +
        `${file}).${isTooNew ? ` To keep it: npm install --save-dev typescript@6` : ''}`,
      cause: error,
    },
  );
}

/** The loader that threw, not one that reports what is wrong with a file. */
function failedLoader(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'TSError') return refusesOptions(error) ? 'ts-node' : undefined;
  const { code } = error as NodeJS.ErrnoException;
  const isMissing = code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ {4}at (?!.*node:)/.test(line));
  const place = isMissing ? /'([^']+)'/.exec(error.message)?.[1] : frames[0];
  return LOADER.exec(place ?? '')?.[1]?.replace('\\', '/');
}

/** Errors 5000 to 5999 are about options that ts-node sets, or that it takes from tsconfig.json, and no file. */
function refusesOptions(error: Error): boolean {
  const { diagnosticCodes = [] } = error as { diagnosticCodes?: readonly number[] };
  return diagnosticCodes.length > 0 && diagnosticCodes.every((code) => code >= 5000 && code < 6000);
}

/** Node writes the stack of the requires below, and ts-node a heading above. */
function firstLine(message: string): string {
  return message.split('\n').find((line) => !line.endsWith('Unable to compile TypeScript:')) ?? '';
}

function typescriptVersion(file: string): string | undefined {
  try {
    return (createRequire(file)('typescript/package.json') as { version: string }).version;
  } catch {
    return undefined;
  }
}
