import type { Command } from 'commander';
import { completeLine, type Candidate } from './complete-line';
import { readNames } from './read-names';

/**
 * The whole words that can stand at the end of a command line.
 *
 * @param line up to the cursor, with the name of the program in front
 * @param cwd the folder of the project; the process's own where undefined
 */
export async function findCandidates(
  program: Command,
  line: string,
  cwd?: string,
): Promise<Candidate[]> {
  const { candidates, names, before, typed, flags } = completeLine(program, line);
  const read = names === undefined ? [] : await readNames(names, { ...flags, cwd });
  return [...candidates, ...read.map((value) => ({ value, description: '' }))]
    .filter(({ value }) => value.startsWith(typed))
    .map(({ value, description }) => ({ value: `${before}${value}`, description }));
}
