import path from 'node:path';
import { configFromVariable } from '../../src/project/read-config-file';
import { withProject } from '../support/projects';

test('in a folder below the project, the error names the folder of the project', () =>
  withProject({ 'models/deep/a.js': '', '.sequelizerc': '' }, ({ root }) => {
    const variable = process.env.DATABASE_URL;
    delete process.env.DATABASE_URL;
    try {
      configFromVariable(path.join(root, 'models', 'deep'));
      throw new Error('It found a config.');
    } catch (error) {
      expect(error).toMatchObject({
        code: 'CONFIG_NOT_FOUND',
        hint: expect.stringContaining(`Run keel in ${root}, `),
      });
    } finally {
      if (variable !== undefined) process.env.DATABASE_URL = variable;
    }
    return Promise.resolve();
  }));
