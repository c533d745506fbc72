import { createInterface } from 'node:readline/promises';
import { excludeEachOther, type RenameCandidate } from '../../diff/rename-candidates';

/** Asks about each change that may be a rename; an answer settles the other candidates of its two names. */
export async function askRenames(
  candidates: readonly RenameCandidate[],
): Promise<readonly RenameCandidate[]> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const chosen: RenameCandidate[] = [];
  try {
    for (const candidate of candidates) {
      if (chosen.some((other) => excludeEachOther(other, candidate))) continue;
      const also = candidate.also === '' ? '' : ` (and ${candidate.also})`;
      const answer = await terminal.question(
        `Was ${candidate.from} renamed to ${candidate.to}${also}? Otherwise it is dropped with its data. [y/N] `,
      );
      if (/^y(es)?$/i.test(answer.trim())) chosen.push(candidate);
    }
    return chosen;
  } finally {
    terminal.close();
  }
}
