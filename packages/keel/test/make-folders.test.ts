import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolders } from '../src/make-folders';
import { saveText } from '../src/project/save-text';
import { withProject } from './support/projects';

test('folders are made with those above them, or it is an error at once', () =>
  withProject({}, async ({ root }) => {
    const deep = path.join(root, 'a', 'b', 'c');
    expect(makeFolders(deep)).toBe(path.join(root, 'a'));
    expect(makeFolders(deep)).toBeUndefined();
    writeFileSync(path.join(root, 'file'), '');
    const impossible = [path.join(root, 'file', 'b', 'c'), path.join(root, 'file')];
    // Linux says of /proc that there is no such folder, and Node's own way tries for ever.
    if (existsSync('/proc/self')) impossible.push('/proc/keel/a/b', '/proc/keel');
    for (const folder of impossible) {
      expect(() => makeFolders(folder)).toThrow(/E(NOTDIR|EXIST|NOENT)/);
      await expect(saveText(path.join(folder, 'x.txt'), '')).rejects.toMatchObject({
        code: 'FILE_NOT_WRITTEN',
        message: expect.stringContaining('could not be written: E'),
      });
    }
  }));
