/** How alike the words of two names must be on average for one to be suggested for the other. */
const LEAST_LIKENESS = 0.7;

/** What other tools call it (Rails, Knex, Prisma, TypeORM), by the word that keel has for it. */
const WORDS_OF_OTHERS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['up', 'run', 'latest', 'deploy', 'migration'].map((w) => [w, 'migrate'])),
  ...Object.fromEntries(['down', 'rollback', 'revert'].map((word) => [word, 'undo'])),
  ...Object.fromEntries(['new', 'make', 'add', 'g'].map((word) => [word, 'generate'])),
  ...Object.fromEntries(['list', 'ls', 'show'].map((word) => [word, 'status'])),
  ...Object.fromEntries(['diff', 'validate', 'verify'].map((word) => [word, 'check'])),
};

/**
 * The commands that someone may have meant, the likeliest only: the whole name with a slip in it, or some of its
 * words, such as `undo` or `migrate`.
 *
 * @param commands each with its name, and its aliases after it
 */
export function suggestCommands(
  typed: string,
  commands: readonly (readonly [string, ...string[]])[],
): string[] {
  const words = wordsOf(typed);
  if (words.length === 0) return [];
  const meant = likeliest(words, commands);
  if (meant.length > 0) return meant;
  return likeliest([...new Set(words.map((word) => WORDS_OF_OTHERS[word] ?? word))], commands);
}

function likeliest(
  words: readonly string[],
  commands: readonly (readonly [string, ...string[]])[],
): string[] {
  const scored = commands.map((names) => ({
    name: names[0],
    score: Math.max(...names.map((name) => scoreOf(words, wordsOf(name)))),
  }));
  const best = Math.max(...scored.map(({ score }) => score));
  if (best < LEAST_LIKENESS) return [];
  return scored.filter(({ score }) => score > best - 0.001).map(({ name }) => name);
}

function wordsOf(name: string): string[] {
  return name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/** From 0 to 1: how well each typed word is found in the name. A little less for each further word of the name. */
function scoreOf(typed: readonly string[], name: readonly string[]): number {
  const found = typed.map((word) => Math.max(...name.map((other) => likeness(word, other))));
  const average = found.reduce((sum, each) => sum + each, 0) / typed.length;
  const whole = likeness(typed.join(':'), name.join(':'));
  // "db" stands before most names, and says nothing.
  const rest = name.filter((word) => word !== 'db').length - typed.filter((w) => w !== 'db').length;
  return Math.max(whole, average) - 0.02 * Math.abs(rest);
}

function likeness(a: string, b: string): number {
  return 1 - editDistance(a, b) / Math.max(a.length, b.length);
}

/** Letters inserted, deleted, replaced, or swapped with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(row[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + cost);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, before[j - 2]! + 1);
      row.push(least);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}
