import { KeelError, NOTHING_WRITTEN } from '../errors';

/** A file's name has 255 bytes at most; a timestamp, a step's suffix and an extension need some of them. */
const LONGEST = 150;

/** What the shells and file systems of Linux, macOS and Windows take for something else. */
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\\/:*?"<>|\u0000-\u001f\u007f]/;

/**
 * The name of a new migration or seeder as part of a file's name: spaces become hyphens.
 *
 * @throws KeelError `INVALID_NAME`
 */
export function safeFileName(name: string): string {
  const joined = name.normalize().trim().replace(/\s+/g, '-');
  const why = FORBIDDEN.test(joined)
    ? 'it has a slash or another letter that files cannot have everywhere'
    : !/[\p{L}\p{N}]/u.test(joined)
      ? 'it has no letter and no digit'
      : Buffer.byteLength(joined) > LONGEST
        ? `it is longer than ${LONGEST} bytes`
        : undefined;
  if (why === undefined) return joined;
  const shown = name.length > 60 ? `${name.slice(0, 57)}...` : name;
  throw new KeelError(`${JSON.stringify(shown)} cannot be the name of a file: ${why}.`, {
    code: 'INVALID_NAME',
    state: NOTHING_WRITTEN,
    hint: 'Give a name such as --name add-phone-to-users.',
  });
}
