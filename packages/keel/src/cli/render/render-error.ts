import pc from '../terminal/colours';
import { isKeelError, messageOf } from '../../errors';
import { maskSecrets } from '../../mask-secrets';
import { repeatFlags, type GivenProjectFlags } from './repeat-flags';

/** An error for people: what happened, the details, what state things are in, what to do. */
export function renderError(
  error: unknown,
  { debug, given = {} }: { readonly debug: boolean; readonly given?: GivenProjectFlags },
): string[] {
  const known = isKeelError(error) ? error : undefined;
  const lines = ['', `${pc.red('ERROR:')} ${maskSecrets(messageOf(error))}`];
  for (const detail of known?.details ?? [])
    lines.push(...detail.split('\n').map((line) => `  ${line}`));
  if (known?.state !== undefined) lines.push(known.state);
  if (known?.hint !== undefined) lines.push(pc.cyan(repeatFlags(known.hint, given)));
  if (debug) lines.push('', maskSecrets(stackOf(error)));
  else if (!known) lines.push('Run it again with --debug to see where this comes from.');
  return [...lines, ''];
}

/** The same as a document, for `--json`. */
export function errorDocument(error: unknown, given: GivenProjectFlags = {}): object {
  if (!isKeelError(error)) {
    return { error: { code: 'UNEXPECTED', message: maskSecrets(messageOf(error)) } };
  }
  const { code, message, details, state, hint } = error;
  return {
    error: {
      code,
      message: maskSecrets(message),
      details: details.map(maskSecrets),
      // What is undefined is left out of the JSON.
      state: state === undefined ? undefined : maskSecrets(state),
      hint: hint === undefined ? undefined : maskSecrets(repeatFlags(hint, given)),
    },
  };
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const stack = error.stack ?? error.message;
  return error.cause === undefined ? stack : `${stack}\ncaused by: ${stackOf(error.cause)}`;
}
