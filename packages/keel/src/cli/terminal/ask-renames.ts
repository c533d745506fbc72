import type { RenameCandidate } from '../../diff/rename-candidate';
import { excludeEachOther } from '../../diff/rename-candidates';
import { ask } from './ask';

/** Asks about each change that may be a rename; an answer settles the other candidates of its two names. */
export async function askRenames(
  candidates: readonly RenameCandidate[],
  signal?: AbortSignal,
): Promise<readonly RenameCandidate[]> {
  const chosen: RenameCandidate[] = [];
  for (const candidate of candidates) {
    if (chosen.some((other) => excludeEachOther(other, candidate))) continue;
    const also = candidate.also === '' ? '' : ` (and ${candidate.also})`;
    const answer = await ask(
      `Was ${candidate.from} renamed to ${candidate.to}${also}? Otherwise it is dropped with its data. [y/N] `,
      signal,
    );
    if (/^y(es)?$/i.test(answer)) chosen.push(candidate);
  }
  return chosen;
}
