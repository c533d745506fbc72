import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** SHA-256 of a file's text, with line ends made the same, since git may have changed them. */
export function checksum(file: string): string {
  // A file of this size is read at once sooner than another thread has taken it up.
  const text = readFileSync(file, 'utf8');
  return createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex');
}
