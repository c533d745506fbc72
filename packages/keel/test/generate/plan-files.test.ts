import { planFiles } from '../../src/generate/plan-files';
import type { Project } from '../../src/project/project';
import { withProject } from '../support/projects';

const STEP = { suffix: '', text: '', extension: 'js' };

test('a new file comes after one of the future, and where none can, that is said', () =>
  withProject({ 'migrations/99991231235958-x.js': '' }, async ({ root, write }) => {
    const paths = { root, migrations: `${root}/migrations` };
    const plan = () => planFiles({ paths } as Project, 'next', [STEP]);
    expect(await plan()).toMatchObject([{ path: `${paths.migrations}/99991231235959-next.js` }]);
    write({ 'migrations/99991231235959-y.js': '' });
    await expect(plan()).rejects.toMatchObject({
      code: 'MIGRATION_NOT_LAST',
      hint: expect.stringContaining(
        'Rename 99991231235959-y.js so that it begins with a timestamp (YYYYMMDDHHmmss) that others can come after.',
      ),
    });
  }));
