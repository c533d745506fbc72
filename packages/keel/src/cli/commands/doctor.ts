import type { Examination } from '../../doctor/examine-project';
import { waiting } from '../actions/with-project';
import { defineCommand } from '../define-command';

interface Flags {
  readonly fix?: boolean;
}

/** `doctor`: what keel found in the project, and whether it works. */
export const doctor = defineCommand<Flags>({
  examples: [
    ['keel doctor', 'project, config, server, rights, record, models; nothing is changed'],
    ['keel doctor --json', 'for a script: the exit code is 1 where there is a fault'],
    ['keel doctor --fix', 'write the migration that clears what sync({ alter: true }) left'],
  ],
  configure: (command) => {
    command.option('--fix', 'write the migration that clears what sync({ alter: true }) left');
  },
  run: async (invocation, frame) => {
    const { renderExamination, renderRepair } =
      require('../render/render-doctor') as typeof import('../render/render-doctor');
    const { repeatFlags, repeatInLines } =
      require('../render/repeat-flags') as typeof import('../render/repeat-flags');
    const { flags, output } = invocation;
    const { examineProject } =
      require('../../doctor/examine-project') as typeof import('../../doctor/examine-project');
    const { project, leftovers, findings, ...sums } = await examineProject(
      flags,
      waiting(invocation),
    );
    const examination: Examination = {
      ...sums,
      findings: findings.map((finding) => ({
        ...finding,
        next: finding.next && repeatFlags(finding.next, flags),
      })),
    };
    frame.exitWith(examination.exitCode);
    if (!flags.fix) return output.result(examination, renderExamination(examination));
    for (const line of renderExamination(examination)) output.line(line);
    const { writeRepair } =
      require('../../doctor/write-repair') as typeof import('../../doctor/write-repair');
    const repair =
      project === undefined || leftovers === undefined
        ? { files: [], left: [] }
        : await writeRepair(project, leftovers.clear, invocation.signal);
    output.result(
      { ...examination, ...repair },
      repeatInLines(renderRepair(repair, project?.paths.root), flags),
    );
  },
});
