import path from 'node:path';
import type { InitPart, InitResult } from '../../scaffold/init-project';
import { defineCommand, type CommandDefinition } from '../define-command';

/** In the order in which they are made. */
const PARTS = ['config', 'models', 'migrations', 'seeders'] as const;

interface Flags {
  readonly force?: boolean;
}

/** `init` and `init:*`: make a project, or a part of it. */
export function initCommand(name: 'init' | `init:${InitPart}`): CommandDefinition {
  const parts = PARTS.filter((part) => name === 'init' || name === `init:${part}`);
  return defineCommand<Flags>({
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
