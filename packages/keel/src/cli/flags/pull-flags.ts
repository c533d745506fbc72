import { Option, type Command } from 'commander';
import { MODEL_LANGUAGES, MODEL_STYLES, type AskedStyle } from '../../pull/model-styles';
import type { PullRequest } from '../../pull/pull-models';

/** The flags of the commands that write models from a database. */
export interface PullFlags extends AskedStyle {
  readonly force?: boolean;
}

/** Declares {@link PullFlags}. */
export function declarePullFlags(command: Command): void {
  command
    .addOption(
      new Option(
        '--style <style>',
        'how models are written (default: as those that are there)',
      ).choices(MODEL_STYLES),
    )
    .addOption(
      new Option(
        '--language <language>',
        'what they are written in (default: as the project)',
      ).choices(MODEL_LANGUAGES),
    )
    .option('--force', 'replace the files of models that are there');
}

export function pullRequest({ style, language, force }: PullFlags): PullRequest {
  return { style, language, force: force ?? false };
}
