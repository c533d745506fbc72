import { isKeelError, messageOf } from '../errors';
import { maskSecrets } from '../mask-secrets';

/** What a finding is about. */
export type Topic =
  | 'versions'
  | 'project'
  | '.env'
  | '.sequelizerc'
  | 'folders'
  | 'config'
  | 'settings'
  | 'typescript'
  | 'embedded'
  | 'server'
  | 'environment'
  | 'role'
  | 'pooler'
  | 'clock'
  | 'migrations'
  | 'seeders'
  | 'models'
  | 'leftovers';

/** One thing that was looked at. */
export interface DoctorFinding {
  readonly topic: Topic;
  /** `warning`: keel works, and it is worth knowing. `fault`: something that keel does will fail. */
  readonly status: 'ok' | 'warning' | 'fault';
  /** What was found, a sentence without its full stop. */
  readonly text: string;
  /** More of it, a line each. */
  readonly details?: readonly string[];
  /** What to do. */
  readonly next?: string;
}

/** A finding where nothing is wrong. */
export function ok(topic: Topic, text: string): DoctorFinding {
  return { topic, status: 'ok', text };
}

/** One that is worth knowing. */
export function warning(topic: Topic, text: string, next?: string): DoctorFinding {
  return { topic, status: 'warning', text, next };
}

/** One that makes something fail. */
export function fault(topic: Topic, text: string, next?: string): DoctorFinding {
  return { topic, status: 'fault', text, next };
}

/** What an error says, as a finding. */
export function faultOf(topic: Topic, error: unknown): DoctorFinding {
  const known = isKeelError(error) ? error : undefined;
  const details = known?.details.map((line) => maskSecrets(line.trim())) ?? [];
  return {
    topic,
    status: 'fault',
    text: maskSecrets(messageOf(error)).replace(/[.:]$/, ''),
    details: details.length > 0 ? details : undefined,
    next: known?.hint === undefined ? undefined : maskSecrets(known.hint),
  };
}
