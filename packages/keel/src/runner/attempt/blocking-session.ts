/** A session that holds a lock which ours waits for. */
export interface BlockingSession {
  readonly pid: number;
  readonly application: string;
  readonly state: string;
  readonly query: string;
}

/** The session in words. */
export function describeBlocking({ pid, application, state, query }: BlockingSession): string {
  return `pid ${pid} (${application || 'unnamed'}, ${state || 'state unknown'}): ${query}`;
}
