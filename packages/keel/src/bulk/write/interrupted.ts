import { KeelError } from '../../errors';

/** What a run that ends early leaves behind. */
export const CHUNKS_STAY =
  'Every chunk that was committed stays; the one in progress was rolled back.';

/** What a run ends with when it was told to stop. */
export function interrupted(): KeelError {
  return new KeelError('Interrupted.', {
    code: 'INTERRUPTED',
    state: CHUNKS_STAY,
    hint: 'Run the same command again: it goes on where this one stopped.',
    exitCode: 130,
  });
}
