import Module from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as hooks from './import-hook-functions';
import { mapStackTraces } from './map-stack-traces';

let registered = false;

/** Lets `import` load TypeScript by keel's own loader. */
export function registerImportHook(): void {
  if (registered) return;
  registered = true;
  mapStackTraces();
  const { registerHooks } = Module as { registerHooks?: (functions: typeof hooks) => void };
  if (registerHooks) registerHooks(hooks);
  // Before version 22.15 the functions run in a thread of their own, which loads them from their file.
  else Module.register(pathToFileURL(path.join(__dirname, 'import-hook-functions.js')).href);
}
