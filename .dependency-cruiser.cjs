/**
 * The architecture's import rules. Imports point one way:
 * bin -> cli -> features (runner, seed, schema, diff, codegen, ...) -> db, project -> errors.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'cli-is-the-top',
      comment: 'Only bin.ts and the cli know the cli; nothing imports bin.ts.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(bin\\.ts$|cli/)' },
      to: { path: '^src/(bin\\.ts$|cli/)' },
    },
    {
      name: 'bin-only-starts',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/bin\\.ts$' },
    },
    {
      name: 'commands-stand-alone',
      comment: 'What two commands share is a core function or lives in cli/.',
      severity: 'error',
      from: { path: '^src/cli/commands/' },
      to: { path: '^src/cli/commands/' },
    },
    {
      name: 'db-and-project-are-the-base',
      comment: 'db and project know each other and errors.ts, no feature.',
      severity: 'error',
      from: { path: '^src/(db|project)/' },
      to: { path: '^src/', pathNot: '^src/(db/|project/|errors\\.ts$)' },
    },
    {
      name: 'errors-is-the-bottom',
      severity: 'error',
      from: { path: '^src/errors\\.ts$' },
      to: { path: '.' },
    },
    {
      name: 'pure-parts-do-no-io',
      comment: 'These compute values from values; a type of something that does I/O is fine.',
      severity: 'error',
      from: { path: '^src/(diff/|codegen/|seed/plan|runner/state|cli/render/)' },
      to: {
        path: [
          '^(node:)?(fs|net|child_process|tls|http|https|dns|dgram)(/|$)',
          '^node_modules/(pg|sequelize|pg-copy-streams)/',
          '^src/db/',
        ],
        // Quoting is text in, text out.
        pathNot: '^src/db/quote\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'tool-apart-from-the-associations-project',
      comment: "keel reads a project through .sequelizerc, this repository's own like any other.",
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(models|migrations|seeders|config|examples|test|bench)/' },
    },
    {
      name: 'no-development-dependency',
      comment: 'What the package needs is a dependency or a peer.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer', 'type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['require', 'node'] },
  },
};
