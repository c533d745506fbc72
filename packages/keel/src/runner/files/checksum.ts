import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/**
 * SHA-256 of a file's text. Git and editors may have changed the line ends or put a byte order mark before it, which
 * changes nothing of what the file does.
 */
export function checksum(file: string): string {
  // A file of this size is read at once sooner than another thread has taken it up.
  const text = readFileSync(file, 'utf8');
  return hash('sha256', text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'));
}
