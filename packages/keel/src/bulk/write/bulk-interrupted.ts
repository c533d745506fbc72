import { interrupted, type KeelError, RUN_AGAIN } from '../../errors';

/** What a run that ends early leaves behind. */
export const CHUNKS_STAY =
  'Every chunk that was committed stays; the one in progress was rolled back.';

/** What a run ends with when it was told to stop. */
export function bulkInterrupted(): KeelError {
  return interrupted({ state: CHUNKS_STAY, hint: RUN_AGAIN });
}
