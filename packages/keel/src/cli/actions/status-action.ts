import type { Command } from 'commander';
import type { MigrationKind } from '../../runner/ledger/history';
import type { Frame, Invocation } from '../define-command';
import { withProject } from './with-project';

/** Flags of the status commands. */
export interface StatusFlags {
  readonly check?: boolean;
}

/** Bits of the exit code with `--check`; 1 is left to errors. The same as those of `db:check`. */
export const STATUS_BITS = { pending: 8, missingOrChanged: 16 } as const;

/** Declares `--check`. */
export function addCheck(command: Command): void {
  command.option(
    '--check',
    'exit with 8 when some are pending, 16 when applied ones are missing or changed (24: both)',
  );
}

/** Shows where migrations or seeders stand. */
export async function statusAction(
  invocation: Invocation<StatusFlags>,
  frame: Frame,
  kind: MigrationKind,
): Promise<void> {
  const { output, flags } = invocation;
  const { readStatus } =
    require('../../runner/read-status') as typeof import('../../runner/read-status');
  const { renderCheck, renderStatus } =
    require('../render/render-status') as typeof import('../render/render-status');
  await withProject(invocation, async (project) => {
    const status = await readStatus(project, kind);
    const document = {
      ...status,
      migrations: status.migrations.map(({ file: _file, ...rest }) => rest),
    };
    output.result(document, [
      ...renderStatus(status),
      ...(flags.check ? ['', renderCheck(status)] : []),
    ]);
    if (!flags.check) return;
    const { pending, missing, changed } = status;
    frame.exitWith(
      (pending > 0 ? STATUS_BITS.pending : 0) +
        (missing + changed > 0 ? STATUS_BITS.missingOrChanged : 0),
    );
  });
}
