import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Whether Node takes the file for an ES module, by its name or the nearest package.json. */
export function isEsModule(file: string): boolean {
  if (/\.m[jt]s$/.test(file)) return true;
  if (!/\.[jt]s$/.test(file)) return false;
  const folder = path.dirname(file);
  const known = kinds.get(folder) ?? nearestManifest(folder)?.type === 'module';
  kinds.set(folder, known);
  return known;
}

/** Node, too, reads a package.json once. */
const kinds = new Map<string, boolean>();

/** What keel looks at in a package.json. */
export interface Manifest {
  readonly name?: string;
  readonly type?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The nearest package.json upwards of a folder; undefined where there is none or it cannot be read. */
export function nearestManifest(folder: string): Manifest | undefined {
  const file = path.join(folder, 'package.json');
  if (existsSync(file)) {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
    } catch {
      return undefined;
    }
  }
  const parent = path.dirname(folder);
  return parent === folder ? undefined : nearestManifest(parent);
}
