/** How the project's own Sequelize inflects words, so that the names agree with those that it makes itself. */
export interface Inflection {
  readonly singularize: (word: string) => string;
  readonly pluralize: (word: string) => string;
  /** `createdAt` -> `created_at`. */
  readonly underscore: (word: string) => string;
}

/** `order_details`, `Order Details` and `OrderDetails` -> `OrderDetails`. */
export function pascalCase(name: string): string {
  return identifier(wordsOf(name).map(capitalized).join(''));
}

/** `created_at` -> `createdAt`, `CustomerID` -> `customerID`, `ID` -> `id`. */
export function camelCase(name: string): string {
  const [first = '', ...others] = wordsOf(name);
  const head = isCapitals(first)
    ? first.toLowerCase()
    : first.replace(/^(?:\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}+$|\p{Lu})/u, (part) => part.toLowerCase());
  return identifier([head, ...others.map(capitalized)].join(''));
}

export function upperFirst(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** Latin plurals of which nobody says the singular: a table `user_data` makes a model UserData. */
const WITHOUT_SINGULAR = /(?:data|media|criteria)$/i;

/** A plural name in the singular, as far as its last word has one. */
export function singularOf(name: string, { singularize }: Inflection): string {
  return WITHOUT_SINGULAR.test(name) ? name : singularize(name);
}

/** The name without what only says that a column is a key: `author_id` -> `author`. Undefined where nothing is left. */
export function withoutKeySuffix(attribute: string): string | undefined {
  const base = /^(.+?)_?(?:Ids?|ID|Uuid|UUID|Fk|FK)$/u.exec(attribute)?.[1];
  return base === undefined || base === '' ? undefined : base;
}

/** The first of `candidates` that is free, or the last one with the first number that makes it so. */
export function firstFree(
  candidates: readonly string[],
  isTaken: (name: string) => boolean,
): string {
  const free = candidates.find((name) => !isTaken(name));
  if (free !== undefined) return free;
  const last = candidates.at(-1) ?? '';
  let number = 2;
  while (isTaken(`${last}${number}`)) number += 1;
  return `${last}${number}`;
}

function wordsOf(name: string): string[] {
  return name.split(/[^\p{L}\p{N}$]+/u).filter((word) => word !== '');
}

function capitalized(word: string): string {
  return upperFirst(isCapitals(word) ? word.toLowerCase() : word);
}

function isCapitals(word: string): boolean {
  return word === word.toUpperCase() && /\p{Lu}/u.test(word);
}

/** A name that may stand in code: not empty, and no digit at its beginning. */
function identifier(name: string): string {
  if (name === '') return '_';
  return /^\p{ID_Start}|^\$/u.test(name) ? name : `_${name}`;
}
