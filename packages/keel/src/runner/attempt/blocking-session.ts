/** A session that holds a lock which ours waits for. */
export interface BlockingSession {
  readonly pid: number;
  readonly application: string;
  readonly state: string;
  readonly query: string;
  /** How long ago the query began, in seconds; null where the role may not see it. */
  readonly seconds: number | null;
}

/** The session in words. */
export function describeBlocking(session: BlockingSession): string {
  const { pid, application, state, query, seconds } = session;
  const age = seconds === null ? '' : ` (begun ${seconds} s ago)`;
  return `pid ${pid} (${application || 'unnamed'}, ${state || 'state unknown'}): ${query}${age}`;
}
