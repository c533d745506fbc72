import path from 'node:path';
import { Option } from 'commander';
import { KeelError, NOTHING_CHANGED } from '../../errors';
import type { PageFormat } from '../../page/write-page';
import { readProjectAloud, waiting } from '../actions/with-project';
import { changeInvocation, defineCommand } from '../define-command';
import { parsePort } from '../flags/flag-values';

interface Flags {
  readonly format: PageFormat;
  readonly output?: string;
  readonly offline?: boolean;
  readonly serve?: boolean;
  readonly port?: number;
  readonly live?: boolean;
}

/** `schema:page`: the models, the migrations and the database as a picture. */
export const schemaPage = defineCommand<Flags>({
  examples: [
    ['keel schema:page', 'one HTML file in .keel, to open in a browser'],
    ['keel schema:page --format svg --output docs/schema.svg', 'a picture for the README'],
    ['keel schema:page --format mermaid', 'a diagram as text, which GitHub draws'],
    [
      'keel schema:page --serve',
      'the page in a browser, kept up to date with the models and migrations',
    ],
    ['keel schema:page --offline', 'from the models alone, without a database'],
  ],
  configure: (command) => {
    command
      .addOption(
        new Option('--format <format>', 'what to write')
          .choices(['html', 'svg', 'mermaid', 'dbml', 'markdown'])
          .default('html'),
      )
      .option(
        '--output <path>',
        'the file to write; without it .keel/schema.html, the other formats on standard output',
      )
      .option('--offline', 'read the models, and connect to no database')
      .option('--serve', 'serve the page on this machine, and draw it again when files change')
      .addOption(
        new Option('--port <port>', 'the port to serve on; without it one that is free').argParser(
          parsePort,
        ),
      )
      // For the processes of --serve: the page that is to be served, in the document of --json.
      .addOption(new Option('--live').hideHelp());
  },
  run: async (invocation, frame) => {
    const { renderPageResult, unreadSides } =
      require('../render/render-page-result') as typeof import('../render/render-page-result');
    const { flags, output } = invocation;
    const { format, offline = false, port = 0, live = false } = flags;
    requireServing(flags);
    if (flags.serve === true) {
      const { servePage } =
        require('../actions/serve-page') as typeof import('../actions/serve-page');
      await servePage(invocation, { port, offline });
      return frame.exitWith(frame.interruptedBy() ?? 130);
    }
    const toFile = (format === 'html' && !live) || flags.output !== undefined;
    // A picture on standard output is the picture and nothing else.
    const quiet = toFile ? output : { ...output, line: () => undefined };
    const project = await readProjectAloud(changeInvocation(invocation, { output: quiet }));
    const { gatherPage } =
      require('../../page/gather/gather-page') as typeof import('../../page/gather/gather-page');
    const { renderPage, writePage } =
      require('../../page/write-page') as typeof import('../../page/write-page');
    const codeOnly = format !== 'html';
    const { signal } = invocation;
    const how = { offline, codeOnly, signal, ...waiting(invocation) };
    const document = await gatherPage(project, how);
    const text = await renderPage(document, { format, live });
    const { root, home } = project.paths;
    const file = path.resolve(root, flags.output ?? path.join(home, 'schema.html'));
    if (toFile) await writePage(file, text, { home });
    for (const side of unreadSides(document, { codeOnly })) output.warn(side);
    const result = renderPageResult(document, {
      path: toFile ? file : undefined,
      text,
      root,
    });
    output.result(result.document, result.lines);
  },
});

/** @throws KeelError USAGE where a flag would be ignored */
function requireServing({ serve = false, port, format, output }: Flags): void {
  const flag = format !== 'html' ? '--format' : output !== undefined ? '--output' : undefined;
  if (serve && flag !== undefined)
    throw contradiction(
      `--serve shows the page, and ${flag} writes a file.`,
      'Give one of the two.',
    );
  if (!serve && port !== undefined)
    throw contradiction('--port is of use with --serve only.', 'Add --serve, or leave it out.');
}

function contradiction(message: string, hint: string): KeelError {
  return new KeelError(message, { code: 'CONTRADICTING_FLAGS', state: NOTHING_CHANGED, hint });
}
