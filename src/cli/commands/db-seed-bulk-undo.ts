import { connect } from '../../db/client';
import { assertAllowed } from '../bulk-options';
import { defineCommand } from '../command';
import { withProject } from '../context';
import { renderBulkUndo } from '../render/bulk';
import { parseDuration } from '../values';

interface Flags {
  readonly lockTimeout?: number;
  readonly force?: boolean;
}

/** `db:seed:bulk:undo`: removes the rows that bulk runs made, and no others. */
export const dbSeedBulkUndo = defineCommand<Flags>({
  name: 'db:seed:bulk:undo',
  summary: 'Remove exactly the rows that db:seed:bulk made',
  examples: [['keel db:seed:bulk:undo', 'children first; rows of others stay']],
  configure: (command) => {
    command
      .option('--lock-timeout <time>', 'how long to wait for another bulk run', parseDuration)
      .option('--force', 'allow it in production');
  },
  run: async (invocation) => {
    const { followBulk } = require('../bulk-progress') as typeof import('../bulk-progress');
    const { undoBulk } = require('../../seed/undo') as typeof import('../../seed/undo');
    const { flags, output, signal } = invocation;
    await withProject(invocation, async (project) => {
      assertAllowed(project, flags.force, 'Bulk data is not removed');
      const progress = followBulk(output);
      try {
        const tables = await undoBulk({
          connect: () => connect(project.connection, { applicationName: 'keel db:seed:bulk:undo' }),
          schema: project.seederLedger.schema,
          lockTimeoutMs: flags.lockTimeout,
          signal,
          onEvent: progress.onEvent,
        });
        progress.stop();
        output.result({ tables }, renderBulkUndo(tables));
      } finally {
        progress.stop();
      }
    });
  },
});
