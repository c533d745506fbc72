/**
 * The architecture's import rules, room by room. A room is a folder of `src`, or a file beside them.
 *
 * Each room names the rooms that it may import from. No pair points both ways: what a room may import
 * stands above it in this list.
 */
const ROOMS = {
  errors: [],
  'keel-version': [],
  db: ['errors'],
  embedded: ['db', 'errors'],
  project: ['embedded', 'db', 'errors'],
  schema: ['project', 'db', 'errors'],
  diff: ['schema', 'db', 'errors'],
  codegen: ['diff', 'schema', 'db', 'errors'],
  backfill: ['db', 'errors'],
  release: ['backfill', 'db', 'errors'],
  runner: ['backfill', 'project', 'db', 'errors', 'keel-version'],
  scratch: ['runner', 'diff', 'schema', 'project', 'embedded', 'db', 'errors', 'keel-version'],
  scaffold: ['codegen', 'project', 'errors'],
  check: ['scratch', 'runner', 'diff', 'schema', 'project', 'db', 'errors'],
  lint: ['scratch', 'runner', 'diff', 'schema', 'project', 'db', 'errors', 'keel-version'],
  generate: [
    ...['scratch', 'scaffold', 'codegen', 'runner', 'diff', 'schema', 'project', 'db', 'errors'],
  ],
  pull: [...['scratch', 'scaffold', 'codegen', 'diff', 'schema', 'project', 'db', 'errors']],
  doctor: [
    ...['generate', 'scratch', 'scaffold', 'codegen', 'runner', 'diff', 'schema', 'project'],
    ...['embedded', 'db', 'errors', 'keel-version'],
  ],
  bulk: ['schema', 'project', 'db', 'errors'],
  page: [
    ...['lint', 'check', 'scratch', 'runner', 'diff', 'schema', 'project', 'embedded', 'db'],
    'errors',
  ],
  testing: ['scratch', 'runner', 'diff', 'schema', 'project', 'embedded', 'db', 'errors'],
  program: ['check', 'generate', 'lint', 'runner', 'project', 'errors'],
  config: ['project', 'embedded', 'errors'],
  register: ['project'],
  index: [
    ...[
      'program',
      'backfill',
      'release',
      'check',
      'generate',
      'lint',
      'runner',
      'diff',
      'project',
      'db',
      'errors',
    ],
  ],
  cli: [
    ...['page', 'check', 'generate', 'lint', 'pull', 'doctor', 'bulk', 'backfill', 'scaffold'],
    ...['runner'],
    ...['diff', 'schema', 'project'],
    ...['embedded', 'db', 'errors', 'keel-version'],
  ],
  bin: ['cli', 'errors'],
};

/** The rooms of the runner. The files directly in `runner/` tell the story and may use them all. */
const RUNNER_ROOMS = {
  files: [],
  ledger: ['files'],
  attempt: ['files'],
  watch: ['attempt'],
  session: ['watch', 'attempt', 'files'],
};

/** The rooms of the bulk data. The files directly in `bulk/` tell the story and may use them all. */
const BULK_ROOMS = {
  generators: [],
  plan: ['generators'],
  program: ['plan', 'generators'],
  read: ['program', 'plan', 'generators'],
  check: ['program', 'plan', 'generators'],
  write: ['program', 'plan', 'generators'],
};

/** The rooms of the pictures. The files directly in `page/` tell the story and may use them all. */
const PAGE_ROOMS = {
  document: [],
  plan: ['document'],
  layout: ['plan', 'document'],
  render: ['layout', 'plan', 'document'],
  gather: ['plan', 'document'],
  serve: ['render'],
};

/** Files that compute values from values. A type of something that does I/O is fine. */
const PURE =
  '^src/(diff/|codegen/|release/compare-releases|backfill/(batch-sql|batch-size|plan-backfill|apply-changes)|lint/(rules|views)/|lint/script/(render-script|find-obstacle)|lint/(lint-trace|select-traced|safe-code)|lint/trace/(compare-catalogs|locks-outside)|pull/(plan|render)/|bulk/(generators|plan|program)/|page/(plan|layout)/|runner/files/(migration-state|select-files|review-files|list-names|compare-names)|runner/attempt/(judge-attempt|savepoint-stack|session-traces)|cli/render/)';

/** The room of errors is the files that everyone may use. */
const FILES = { errors: 'error(s|-codes)|mask-secrets|make-folders|format-count' };

const pathOf = (room) => `^src/(${FILES[room] ?? room})(/|\\.ts$)`;

const roomRules = Object.entries(ROOMS).map(([room, allowed]) => ({
  name: `room-${room}`,
  comment: `${room} imports from ${allowed.join(', ') || 'no other room'} only.`,
  severity: 'error',
  from: { path: pathOf(room) },
  to: { path: '^src/', pathNot: [room, ...allowed].map(pathOf) },
}));

const innerRules = (parent, rooms) =>
  Object.entries(rooms).map(([room, allowed]) => ({
    name: `${parent}-${room}`,
    comment: `${parent}/${room} imports from ${allowed.join(', ') || 'no other room'} of ${parent} only.`,
    severity: 'error',
    from: { path: `^src/${parent}/${room}/` },
    to: {
      path: `^src/${parent}[/.]`,
      pathNot: [room, ...allowed].map((name) => `^src/${parent}/${name}/`),
    },
  }));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...roomRules,
    ...innerRules('runner', RUNNER_ROOMS),
    ...innerRules('bulk', BULK_ROOMS),
    ...innerRules('page', PAGE_ROOMS),
    {
      name: 'every-file-has-a-room',
      severity: 'error',
      from: {},
      to: {
        path: '^src/',
        pathNot: [...Object.keys(ROOMS), 'testing', 'bulk'].map(pathOf),
      },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'commands-stand-alone',
      comment: 'What two commands share is a core function or lives in cli/.',
      severity: 'error',
      from: { path: '^src/cli/commands/' },
      to: { path: '^src/cli/commands/' },
    },
    {
      name: 'pure-parts-do-no-io',
      severity: 'error',
      from: { path: PURE },
      to: {
        path: [
          '^(node:)?(fs|net|child_process|tls|http|https|dns|dgram)(/|$)',
          'node_modules/(pg|sequelize|pg-copy-streams)/',
          '^src/db/',
        ],
        // Quoting, taking SQL apart, and reading an error compute values from values.
        pathNot: '^src/db/(quote|sql-text|inline-values|connection-error|cancellation)\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'tool-apart-from-the-associations-project',
      comment: "keel reads a project through .sequelizerc, this repository's own like any other.",
      severity: 'error',
      from: { path: '^src/' },
      to: { path: ['^(test|bench)/', '^\\.\\./\\.\\./(?!node_modules/)'] },
    },
    {
      name: 'only-the-pg-of-the-project',
      comment:
        "A connection is made with the project's own copy of pg (openProjectClient), as Sequelize makes it.",
      severity: 'error',
      from: { path: '^src/' },
      to: { path: 'node_modules/pg/', dependencyTypesNot: ['type-only'] },
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
