import { changesSession } from '../../db/sql-text';

/**
 * What a file's statements may have left on their session, told from their texts alone. It errs on the side of
 * "may have": PostgreSQL is asked where a text gives reason to, and knows.
 */
export class SessionTraces {
  /** A statement says itself that it changes the session. */
  stated = false;
  /** A statement says so, or runs code that may: a function, a procedure, a trigger. */
  possible = false;
  /** Names of settings that PostgreSQL lists nowhere, such as `app.user`: it must be asked for each. */
  readonly customSettings = new Set<string>();
  /** A setting was changed whose name is not in the text. */
  unnamed = false;
  /** The role may be another one now. */
  role = false;
  /** A statement names lock_timeout: the file has a limit of its own. */
  lockTimeout = false;

  note(sql: string, values: readonly unknown[] = []): void {
    if (changesSession(sql)) this.stated = true;
    if (/\brole\b/i.test(sql)) this.role = true;
    if (LOCK_TIMEOUT.test(sql) || values.some((value) => value === 'lock_timeout'))
      this.lockTimeout = true;
    if (this.stated || mayRunCode(sql)) this.possible = true;
    for (const match of sql.matchAll(SET)) this.add(unquoted(match[1] ?? ''));
    for (const match of sql.matchAll(SET_CONFIG)) {
      const argument = match[1] ?? '';
      const name: unknown = argument.startsWith('$')
        ? values[Number(argument.slice(1)) - 1]
        : /^'[^']*'$/.exec(argument)?.[0].slice(1, -1);
      if (typeof name === 'string') this.add(name);
      else this.unnamed = true;
    }
  }

  private add(name: string): void {
    if (name.includes('.')) this.customSettings.add(name);
  }
}

const LOCK_TIMEOUT = /\block_timeout\b/i;
const SET =
  /\bset\s+(?:session\s+|local\s+)?("?[a-z_][\w$]*"?(?:\s*\.\s*"?[a-z_][\w$]*"?)+)\s*(?:=|to\b)/gi;
const SET_CONFIG = /\bset_config\s*\(\s*('(?:[^']|'')*'(?=\s*[,:])|\$\d+(?=\s*[,:])|\S)/gi;

function unquoted(name: string): string {
  return name.replaceAll(/["\s]/g, '');
}

/** Whether a statement may run a function, a procedure or a trigger; sure only when false. */
function mayRunCode(sql: string): boolean {
  const withoutActions = sql.replaceAll(/\bon\s+(delete|update)\b/gi, '');
  return /\b(select|call|do|execute|insert|update|delete|merge|copy|values)\b/i.test(
    withoutActions,
  );
}
