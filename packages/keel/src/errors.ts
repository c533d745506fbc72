/** What a {@link KeelError} carries besides its message. */
export interface KeelErrorDetails {
  /** A stable, machine-readable name such as `CONFIG_NOT_FOUND`; part of `--json` output. */
  readonly code: string;
  /** What state things are in now, for example "Nothing was changed." */
  readonly state?: string;
  /** What the user can do next: a sentence or a command. */
  readonly hint?: string;
  /** Further lines shown indented under the message, such as the failed statement. */
  readonly details?: readonly string[];
  /** The error that led to this one. */
  readonly cause?: unknown;
  /** The process's exit code, 1 unless told otherwise. */
  readonly exitCode?: number;
}

/**
 * An error that the user can act on: its message says what happened and where, `state` what things
 * are like now, `hint` what to do next. It is printed without a stack trace.
 */
export class KeelError extends Error {
  readonly code: string;
  /** Whoever knows more of the state while the error passes may add to it. */
  state: string | undefined;
  readonly hint?: string;
  readonly details: readonly string[];
  readonly exitCode: number;

  constructor(message: string, details: KeelErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.state = details.state;
    this.hint = details.hint;
    this.details = details.details ?? [];
    this.exitCode = details.exitCode ?? 1;
  }
}

/** The text of anything that was thrown: also of values that are not errors, which JavaScript allows. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === '') {
    return thrown.errors.map(messageOf).join('; ');
  }
  if (thrown instanceof Error) return thrown.message;
  return typeof thrown === 'string' ? thrown : (JSON.stringify(thrown) ?? String(thrown));
}

const secrets = new Map<string, RegExp>();

/**
 * Lets {@link maskSecrets} know a password, wherever in a text it may turn up: a migration can put into its
 * error whatever it has read from the environment.
 *
 * @param shown texts that are no secret, such as the user's name; a password that equals one of them, or has
 *   fewer than four characters, could be masked only by making every message unreadable
 */
export function rememberSecret(
  secret: string | undefined,
  shown: readonly (string | undefined)[],
): void {
  if (secret === undefined || secret.length < 4 || shown.includes(secret)) return;
  for (const form of new Set([secret, encodeURIComponent(secret)])) {
    const literal = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    secrets.set(form, new RegExp(`(?<![A-Za-z0-9_])${literal}(?![A-Za-z0-9_])`, 'g'));
  }
}

/**
 * The text with every password in it replaced by `***`: those of URLs, of SQL's `PASSWORD '…'`, and those that
 * {@link rememberSecret} was told.
 */
export function maskSecrets(text: string): string {
  let masked = text
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s]*@/gi, '$1:***@')
    .replace(
      /(\bpassword\s*=?\s*)(?:e?'(?:[^']|'')*(?:'|$)|\$(\w*)\$.*?(?:\$\2\$|$))/gis,
      "$1'***'",
    );
  for (const pattern of secrets.values()) masked = masked.replace(pattern, '***');
  return masked;
}
