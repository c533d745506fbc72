import { readFileSync } from 'node:fs';
import path from 'node:path';

/** From src/page/render and dist/page/render alike. */
const FOLDER = path.join(__dirname, '..', '..', '..', 'assets', 'page');

/** A style sheet or script that comes with the package. */
export function readAsset(name: string): string {
  return readFileSync(path.join(FOLDER, name), 'utf8').trimEnd();
}
