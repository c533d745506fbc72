import type { RawQuery } from './statement-tracer';

/** A statement, and how to send it so that its form (values, row mode, prepared name) stays as it was. */
export interface StatementCall {
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly send: (client: RawQuery) => Promise<unknown>;
}
