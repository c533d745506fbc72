/** Plurals that no rule makes. */
const irregular: Readonly<Record<string, string>> = {
  people: 'person',
  children: 'child',
  men: 'man',
  women: 'woman',
};

/**
 * A name in the form in which `UserAccounts`, `user_accounts` and `useraccount` are the same: lower case,
 * words run together, the last one in the singular.
 */
export function normalName(name: string): string {
  const words = name
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1_$2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1_$2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  const last = words.pop();
  return last === undefined ? name : [...words, singular(last)].join('');
}

function singular(word: string): string {
  if (irregular[word] !== undefined) return irregular[word];
  if (/[^aeiou]ies$/.test(word)) return word.replace(/ies$/, 'y');
  if (/(?:s|x|z|ch|sh)es$/.test(word)) return word.replace(/es$/, '');
  return /[^su]s$/.test(word) ? word.replace(/s$/, '') : word;
}

/** How alike two names are, from 0 to 1, by the pairs of letters that they share; 1 in the same normal form. */
export function nameLikeness(a: string, b: string): number {
  const [first, second] = [normalName(a), normalName(b)];
  if (first === second) return 1;
  const [left, right] = [pairsOf(first), pairsOf(second)];
  const shared = left.filter((pair) => {
    const at = right.indexOf(pair);
    if (at !== -1) right.splice(at, 1);
    return at !== -1;
  }).length;
  const all = first.length + second.length - 2;
  return all <= 0 ? 0 : Math.min(0.99, (2 * shared) / all);
}

function pairsOf(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2));
}
