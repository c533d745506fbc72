import pc from './colours';
import type { StandardStreams } from './standard-streams';
import { maskSecrets } from '../../mask-secrets';

/** Where a command's text goes. With `--json`, standard output carries one document and nothing else. */
export interface Output {
  readonly json: boolean;
  /** Whether standard output is a terminal that can be drawn on. */
  readonly interactive: boolean;
  /** A line for people on standard output; dropped with `--json`. */
  line(text?: string): void;
  /** A line on standard error, its passwords masked. */
  note(text: string): void;
  /** A warning on standard error. */
  warn(text: string): void;
  /** The command's result: the document with `--json`, else the lines. */
  result(document: unknown, lines: readonly string[]): void;
}

export function createOutput(
  json: boolean,
  { out, err }: Pick<StandardStreams, 'out' | 'err'>,
): Output {
  const note = (text: string): void => err(`${maskSecrets(text)}\n`);
  return {
    json,
    // A terminal that says it has no columns cannot be drawn on: ora would never come to an end.
    interactive: !json && process.stdout.isTTY && process.stdout.columns > 0 && !process.env.CI,
    line: (text = '') => {
      if (!json) out(`${text}\n`);
    },
    note,
    warn: (text) => {
      note(`${pc.yellow('WARNING:')} ${text}`);
    },
    result: (document, lines) => {
      out(
        json
          ? `${JSON.stringify(document, undefined, 2)}\n`
          : lines.map((text) => `${text}\n`).join(''),
      );
    },
  };
}
