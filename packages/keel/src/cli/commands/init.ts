import path from 'node:path';
import type { InitPart, InitResult } from '../../scaffold/init-project';
import { defineCommand, type CommandDefinition } from '../define-command';

/** In the order in which they are made. */
const PARTS = ['config', 'models', 'migrations', 'seeders'] as const;

interface Flags {
  readonly force?: boolean;
}

/** `init` and `init:*`: make a project, or a part of it. */
export const initCommands: readonly CommandDefinition[] = [
  initCommand('init', 'Initialize a project', PARTS),
  initCommand('init:config', 'Initialize the configuration', ['config']),
  initCommand('init:migrations', 'Initialize the migrations', ['migrations']),
  initCommand('init:models', 'Initialize the models', ['models']),
  initCommand('init:seeders', 'Initialize the seeders', ['seeders']),
];

function initCommand(name: string, summary: string, parts: readonly InitPart[]): CommandDefinition {
  return defineCommand<Flags>({
    name,
    summary,
    examples: [
      [`keel ${name}`, `make ${parts.join(', ')}`],
      [`keel ${name} --force`, 'again from nothing: what is there is deleted'],
    ],
    configure: (command) => {
      command.option('--force', 'delete what is there and make it again');
    },
    run: async ({ flags, output }) => {
      const { readOutline } =
        require('../../project/read-project') as typeof import('../../project/read-project');
      const { initProject } =
        require('../../scaffold/init-project') as typeof import('../../scaffold/init-project');
      const { renderInit } =
        require('../render/render-scaffold') as typeof import('../render/render-scaffold');
      const outline = await readOutline(flags);
      const results: InitResult[] = [];
      await initProject(outline, parts, {
        force: flags.force ?? false,
        onResult: (result) => {
          results.push(result);
          const lines = renderInit(result, (file) => path.relative(outline.paths.root, file));
          for (const line of lines) output.line(line);
        },
      });
      output.result({ created: results }, []);
    },
  });
}
