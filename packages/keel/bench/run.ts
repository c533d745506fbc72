/** `npm run bench -- <name> [flags]`: runs one benchmark; each measures keel and its peers in one run. */
const BENCHMARKS = [
  'check',
  'gate',
  'lint',
  'migrations',
  'online',
  'page',
  'schema',
  'seed',
] as const;

const name = process.argv[2];
if (!BENCHMARKS.some((known) => known === name)) {
  console.error(`Which benchmark? One of: ${BENCHMARKS.join(', ')}.`);
  process.exitCode = 1;
} else {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only the one asked for is loaded
  const { main } = require(`./${String(name)}`) as {
    main(this: void, argv: string[]): Promise<void>;
  };
  main(process.argv.slice(3)).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
