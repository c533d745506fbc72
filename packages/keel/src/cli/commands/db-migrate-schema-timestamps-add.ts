import { defineCommand } from '../define-command';
import { withProject } from '../actions/with-project';

/** `db:migrate:schema:timestamps:add`: gives the record of migrations its times. */
export const dbMigrateSchemaTimestampsAdd = defineCommand({
  examples: [
    ['keel db:migrate:schema:timestamps:add', 'add createdAt and updatedAt to "SequelizeMeta"'],
  ],
  run: (invocation) =>
    withProject(invocation, async (project) => {
      const { addLedgerTimestamps } =
        require('../../runner/add-ledger-timestamps') as typeof import('../../runner/add-ledger-timestamps');
      const added = await addLedgerTimestamps(project, invocation.signal);
      invocation.output.result({ table: project.migrationLedger.table, added }, [
        added ? 'Successfully added timestamps to MetaTable.' : 'MetaTable already has timestamps.',
      ]);
    }),
});
