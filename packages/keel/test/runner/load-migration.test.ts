import path from 'node:path';
import { loadMigration, type MigrationFunction } from '../../src/runner/files/load-migration';
import { withProject } from '../support/projects';

async function upOf(root: string): Promise<MigrationFunction> {
  const file = { name: '1-a.js', path: path.join(root, '1-a.js') };
  const { up } = await loadMigration(file);
  if (up === undefined) throw new Error('there is no up');
  return up;
}

/** What becomes of `up`, whose third parameter is whatever its author takes it for. */
test.each([
  ['(q, S, done) => { setTimeout(() => done(), 5) }', 'ends'],
  ['(q, S, done) => { setTimeout(() => done(null, 7), 5) }', 'ends'],
  ["(q, S, done) => { setTimeout(() => done(new Error('called')), 5) }", 'called'],
  ["(q, S, done) => { throw new Error('thrown') }", 'thrown'],
  ['(q, S, done) => Promise.resolve().then(() => done())', 'ends'],
  // Another runner's third argument, such as the models: nobody calls it back, and the promise counts.
  ['async (q, S, models) => {}', 'ends'],
  ['async (q, S, models) => models.User.findAll()', "reading 'findAll'"],
  ['(q, S, models) => ({ then: (ends) => ends() })', 'ends'],
  ["async (q, S, done) => { done(new Error('called')) }", 'called'],
  ["(q, S, models) => Promise.reject(new Error('rejected'))", 'rejected'],
])('up: %s', (code, expected) =>
  withProject({ '1-a.js': `exports.up = ${code};` }, async ({ root }) => {
    const up = await upOf(root);
    const outcome = await Promise.resolve(up([{}, {}])).then(
      () => 'ends',
      (error: Error) => error.message,
    );
    expect(outcome).toContain(expected);
  }),
);
