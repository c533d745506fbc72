import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { runKeel } from '../support/cli';
import { withDatabase } from '../support/database';
import { requireSuccess, runProgram, withProject } from '../support/projects';
import { tryProject } from './try-project';

// A person's first five minutes are some twenty programs, one after the other.
jest.setTimeout(240_000);

const TSC = require.resolve('typescript/bin/tsc');

/** The strictest of the matrix: CommonJS where `tsc --init` allows neither `import` nor `export`. */
test('a new project in TypeScript, with the settings of tsc --init, works from init on', async () => {
  const manifest = { type: 'commonjs', devDependencies: { typescript: '*' } };
  await withProject({ 'package.json': manifest }, ({ root }) =>
    withDatabase(async ({ url }) => {
      requireSuccess('tsc --init', await runProgram([TSC, '--init'], { cwd: root }));
      await tryProject({
        root,
        keel: (args) => runKeel(args, { cwd: root, env: { DATABASE_URL: url } }),
        compile: () => runProgram([TSC, '--noEmit', '-p', root], { cwd: root }),
      });
      // What keel has written is of use to the program, too.
      writeFileSync(path.join(root, 'use.js'), USE);
      const used = await runProgram(['use.js'], { cwd: root, env: { DATABASE_URL: url } });
      expect(used).toMatchObject({ code: 0, stdout: 'User up,down\n' });
    }),
  );
});

const USE = `
  require('sequelize-keel/register');
  const { readdirSync } = require('node:fs');
  const { sequelize } = require('./models');
  const [file] = readdirSync('migrations');
  console.log(Object.keys(sequelize.models).join(), Object.keys(require('./migrations/' + file)).join());`;
