import { Argument } from 'commander';
import { SHELL_SCRIPTS, type Shell } from '../completion/shell-scripts';
import { defineCommand } from '../define-command';

/** `completion`: the script for a shell; with a line, which is how that script asks, the words it may go on with. */
export const completion = defineCommand<object>({
  examples: [
    ['eval "$(keel completion bash)"', 'in ~/.bashrc'],
    ['eval "$(keel completion zsh)"', 'in ~/.zshrc, after compinit'],
    ['keel completion fish | source', 'in ~/.config/fish/config.fish'],
  ],
  configure: (command) => {
    command
      .addArgument(
        new Argument('<shell>', 'the shell').choices(Object.keys(SHELL_SCRIPTS) as Shell[]),
      )
      .argument('[line]', 'a command line: print the words that it may go on with');
  },
  run: async ({ args: [shell, line], output, program }) => {
    const { findCandidates } =
      require('../completion/find-candidates') as typeof import('../completion/find-candidates');
    if (line === undefined) {
      const script = SHELL_SCRIPTS[shell as Shell];
      output.result({ shell, script }, [script.trimEnd()]);
      return;
    }
    const found = await findCandidates(program, line);
    output.result(
      { candidates: found },
      found.map(({ value, description }) => `${value}\t${description}`),
    );
  },
});
