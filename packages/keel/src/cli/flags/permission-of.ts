import type { Permission } from '../../project/require-permission';
import type { Invocation } from '../define-command';

/** How a command line allows what is not done in production by mistake. */
export function permissionOf({
  command,
  flags,
  output,
}: Invocation<{ readonly force?: boolean }>): Permission {
  const { ask, canAsk } = require('../terminal/ask') as typeof import('../terminal/ask');
  return {
    force: flags.force,
    caller: `keel ${command}`,
    givenBy: '--force',
    ask: canAsk(output) ? (question) => ask(question) : undefined,
  };
}
