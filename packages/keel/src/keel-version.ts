import { readFileSync } from 'node:fs';
import path from 'node:path';

let version: string | undefined;

/** keel's own version, from its package.json. */
export function keelVersion(): string {
  version ??= (
    JSON.parse(readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8')) as {
      version: string;
    }
  ).version;
  return version;
}
