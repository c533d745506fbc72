import { readdirSync } from 'node:fs';
import path from 'node:path';

test('a file name stands once in src, so that it says by itself which file is meant', () => {
  const files = readdirSync(path.join(__dirname, '../src'), { recursive: true, encoding: 'utf8' });
  const names = files.filter((file) => file.endsWith('.ts')).map((file) => path.basename(file));
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});
