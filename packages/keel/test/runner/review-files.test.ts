import { planState } from '../../src/runner/files/migration-state';
import { listNames } from '../../src/runner/files/list-names';
import { reviewFiles } from '../../src/runner/files/review-files';

interface Folder {
  readonly files: readonly string[];
  readonly ledger?: readonly string[];
  /** Names of applied files that have another text now. */
  readonly edited?: readonly string[];
}

function review({ files, ledger = [], edited = [] }: Folder, strict = false, allowMissing = false) {
  const record = { checksum: 'old', batch: 1, appliedAt: '' };
  const states = planState({
    files: files.map((name) => ({ name, path: name })),
    ledger,
    history: new Map(edited.map((name) => [name, record])),
    checksums: new Map(edited.map((name) => [name, 'new'])),
  });
  return () => reviewFiles(states, { strict, allowMissing });
}

test('a folder in order gives no warning', () => {
  expect(review({ files: ['1-a.js', '2-b.js'], ledger: ['1-a.js'] }, true)()).toEqual([]);
});

test.each<[string, Folder, string, string | undefined]>([
  [
    'a timestamp that two share, one pending',
    { files: ['20200101-a.js', '20200101-b.js'], ledger: ['20200101-a.js'] },
    'same timestamp',
    'SAME_TIMESTAMP',
  ],
  ['a file that is gone', { files: [], ledger: ['1-a.js'] }, '1-a.js', 'FILE_MISSING'],
  [
    'a file that has changed',
    { files: ['1-a.js'], ledger: ['1-a.js'], edited: ['1-a.js'] },
    '1-a.js has changed',
    'FILE_CHANGED',
  ],
  ['one that comes late', { files: ['1-a.js', '2-b.js'], ledger: ['2-b.js'] }, 'Older', undefined],
])('%s is a warning, or refused', (_, folder, words, code) => {
  expect(review(folder)()).toEqual([expect.stringContaining(words)]);
  if (code === undefined) expect(review(folder, true)()).toHaveLength(1);
  else expect(review(folder, true)).toThrow(expect.objectContaining({ code }) as Error);
});

test('what can be no more helped is not told', () => {
  const shared = ['20200101-a.js', '20200101-b.js'];
  expect(review({ files: shared, ledger: shared })()).toEqual([]);
  expect(review({ files: [], ledger: ['1-a.js'] }, true, true)()).toEqual([]);
});

test.each<[string[], string[], boolean]>([
  [['1-a.js', '1-a.cjs'], [], true],
  [['1-a.js', '1-a.cjs'], ['1-a.js'], true],
  [['1-a.js', '1-a.cjs'], ['1-a.js', '1-a.cjs'], false],
  [['1-a.ts', '1-a.mts'], [], true],
  [['1-a.ts', '1-a.js'], [], false],
  [['1-a.ts', '1-a.cjs'], ['1-a.ts'], false],
  [['1-a.cjs'], ['1-a.js'], false],
])('%s with %s recorded: two files with one name are refused', (files, ledger, refused) => {
  const run = review({ files, ledger });
  if (refused) expect(run).toThrow(expect.objectContaining({ code: 'SAME_NAME' }) as Error);
  else expect(run()).toEqual([]);
});

test('names are cut to their ends where there are many', () => {
  const names = Array.from({ length: 167 }, (_, index) => `${index + 1}.js`);
  expect(listNames(names.slice(0, 3))).toBe('1.js, 2.js, 3.js');
  expect(listNames(names)).toBe('1.js, 2.js, … 167.js (167)');
});
