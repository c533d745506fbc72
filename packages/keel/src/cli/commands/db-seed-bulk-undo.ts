import { defineCommand } from '../define-command';
import { withProject } from '../actions/with-project';
import { parseDuration } from '../flags/flag-values';

interface Flags {
  readonly lockTimeout?: number;
  readonly force?: boolean;
}

/** `db:seed:bulk:undo`: removes the rows that bulk runs made, and no others. */
export const dbSeedBulkUndo = defineCommand<Flags>({
  examples: [['keel db:seed:bulk:undo', 'children first; rows of others stay']],
  configure: (command) => {
    command
      .option('--lock-timeout <time>', 'how long to wait for another bulk run', parseDuration)
      .option('--force', 'allow it in production');
  },
  run: async (invocation) => {
    const { openProjectClient } =
      require('../../project/with-project-client') as typeof import('../../project/with-project-client');
    const { permissionOf } =
      require('../flags/permission-of') as typeof import('../flags/permission-of');
    const { requirePermission } =
      require('../../project/require-permission') as typeof import('../../project/require-permission');
    const { renderBulkUndo } =
      require('../render/render-bulk') as typeof import('../render/render-bulk');
    const { followBulk } =
      require('../terminal/bulk-progress') as typeof import('../terminal/bulk-progress');
    const { undoBulk } = require('../../bulk/undo-bulk') as typeof import('../../bulk/undo-bulk');
    const { output } = invocation;
    await withProject(invocation, async (project, { flags, signal }) => {
      await requirePermission(project, 'Bulk data is not removed', permissionOf(invocation));
      const progress = followBulk(output);
      try {
        const tables = await undoBulk({
          connect: () => openProjectClient(project, { applicationName: 'keel db:seed:bulk:undo' }),
          schema: project.seederLedger.schema,
          lockTimeoutMs: flags.lockTimeout || undefined,
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
