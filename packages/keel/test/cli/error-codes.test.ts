import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEEL_ERROR_CODES } from '../../src/error-codes';
import { interrupted, isKeelError, KeelError } from '../../src/errors';

const PACKAGE = join(__dirname, '..', '..');
const SOURCE = join(PACKAGE, 'src');

test('every error code is explained in docs/errors.md, once, and no other is', () => {
  const page = readFileSync(join(PACKAGE, 'docs', 'errors.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` +\|([^|]+)\|([^|]+)\|$/gm)];
  const documented = rows.map(([, code]) => code);
  expect(documented.sort()).toEqual([...KEEL_ERROR_CODES].sort());
  for (const [row, , meaning, remedy] of rows) {
    expect({ row, complete: Boolean(meaning?.trim() && remedy?.trim()) }).toMatchObject({
      complete: true,
    });
  }
});

test('every error code is one that the source throws', () => {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' });
  const source = files
    .filter((file) => file.endsWith('.ts') && file !== 'error-codes.ts')
    .map((file) => readFileSync(join(SOURCE, file), 'utf8'))
    .join('\n');
  expect(KEEL_ERROR_CODES.filter((code) => !source.includes(`'${code}'`))).toEqual([]);
});

test('isKeelError knows the errors of another copy of keel, and their codes', () => {
  const error: unknown = interrupted();
  jest.isolateModules(() => {
    const other = jest.requireActual<typeof import('../../src/errors')>('../../src/errors');
    expect(other.KeelError).not.toBe(KeelError);
    expect(other.isKeelError(error)).toBe(true);
    expect(other.isKeelError(error, 'INTERRUPTED')).toBe(true);
    expect(other.isKeelError(error, 'USAGE')).toBe(false);
  });
  expect(isKeelError(Object.assign(new Error('x'), { code: 'USAGE' }), 'USAGE')).toBe(false);
  expect(isKeelError({ code: 'USAGE' })).toBe(false);
  expect(isKeelError(undefined)).toBe(false);
});
