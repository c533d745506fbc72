import { combineRules, type ColumnRules } from './column-rules';
import type { Expression } from './parse-expression';

/** A column whose values come before those of another. */
export interface Precedence {
  readonly first: string;
  readonly second: string;
  readonly strict: boolean;
}

/** What CHECK constraints ask of a table's rows, as far as it is understood. */
export interface ConstraintRules {
  readonly columns: ReadonlyMap<string, ColumnRules>;
  readonly precedences: readonly Precedence[];
}

interface Found extends ConstraintRules {
  /** Whether rows that follow the rules are sure to satisfy the expression. */
  readonly complete: boolean;
}

const NOTHING: Found = { columns: new Map(), precedences: [], complete: false };

/** What is understood of some expressions that all have to hold. */
export function constraintRulesOf(expressions: readonly Expression[]): ConstraintRules {
  return read({ kind: 'and', parts: expressions });
}

function read(expression: Expression): Found {
  switch (expression.kind) {
    case 'and':
      return merge(expression.parts.map(read));
    case 'or':
      return readOr(expression.parts);
    case 'not':
      return expression.of.kind === 'column' ? equal(expression.of.name, ['false']) : NOTHING;
    case 'column':
      return equal(expression.name, ['true']);
    case 'null':
      if (expression.of.kind !== 'column') return NOTHING;
      return one(expression.of.name, { null: !expression.negated });
    case 'compare':
      return readComparison(expression);
    case 'call':
    case 'list':
    case 'literal':
      return NOTHING;
  }
}

/** The values of all alternatives, or their joined range; else the first alternative that is understood and not NULL. */
function readOr(parts: readonly Expression[]): Found {
  const found = parts.map(read).filter((each) => each.complete);
  const sole = found.map((each) => [...each.columns]).map(([entry]) => entry);
  const name = sole[0]?.[0];
  const values = sole.map((entry) => entry?.[1].values);
  if (
    name !== undefined &&
    found.length === parts.length &&
    found.every((each) => each.columns.size === 1 && each.precedences.length === 0) &&
    sole.every((entry) => entry?.[0] === name) &&
    values.every((each) => each !== undefined)
  )
    return equal(name, values.flat());
  const joined = joinRanges(found);
  if (joined && found.length === parts.length) return joined;
  const asksNull = (each: Found): boolean => [...each.columns.values()].some((rule) => rule.null);
  return found.find((each) => !asksNull(each)) ?? found[0] ?? NOTHING;
}

/** Joins ranges of one column that follow one another, as those of partitions do. */
function joinRanges(found: readonly Found[]): Found | undefined {
  const [name] = found[0]?.columns.keys() ?? [];
  const ranges = found.map(({ columns, precedences }) =>
    columns.size === 1 && precedences.length === 0 ? columns.get(name!) : undefined,
  );
  if (name === undefined || !ranges.every(isRange)) return undefined;
  const first = ranges.find(
    ({ low }) => !ranges.some(({ high }) => high?.[0] && high[0].text === low?.[0]?.text),
  );
  if (!first) return undefined;
  let last = first;
  for (let links = 1; links < ranges.length; links += 1) {
    const end = last.high?.[0];
    const next = ranges.find(({ low }) => low?.[0] && low[0].text === end?.text);
    // Neither side has the value itself: a gap.
    if (!next || (end!.strict && next.low![0]!.strict)) return undefined;
    last = next;
  }
  return one(name, { ...first, high: last.high });
}

function isRange(rules: ColumnRules | undefined): rules is ColumnRules {
  if (!rules) return false;
  const { low = [], high = [], values, excluded = [] } = rules;
  return low.length <= 1 && high.length <= 1 && !values && excluded.length === 0;
}

const FLIPPED: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };

function readComparison(comparison: Extract<Expression, { kind: 'compare' }>): Found {
  const { op, left, right, each } = comparison;
  if (left.kind === 'literal' && right.kind !== 'literal' && !each)
    return readComparison({ ...comparison, op: FLIPPED[op] ?? op, left: right, right: left });
  if (each) {
    const texts = right.kind === 'list' ? textsOf(right.items) : undefined;
    if (left.kind !== 'column' || !texts) return NOTHING;
    if (op === '=' && each === 'any') return equal(left.name, texts);
    if (op === '<>' && each === 'all') return one(left.name, { excluded: texts });
    return NOTHING;
  }
  if (left.kind === 'column' && right.kind === 'literal' && right.text !== null)
    return readLiteral(left.name, op, right.text);
  if (left.kind === 'column' && right.kind === 'column') return readPair(left.name, op, right.name);
  if (left.kind === 'call' && right.kind === 'literal') return readLength(left, op, right.text);
  if (left.kind === 'column' && right.kind === 'call') return readCase(left.name, op, right);
  if (left.kind === 'call' && right.kind === 'column') return readCase(right.name, op, left);
  return NOTHING;
}

function readLiteral(name: string, op: string, text: string): Found {
  switch (op) {
    case '=':
      return equal(name, [text]);
    case '<>':
      return one(name, { excluded: [text] });
    case '>':
    case '>=':
      return one(name, { low: [{ text, strict: op === '>' }] });
    case '<':
    case '<=':
      return one(name, { high: [{ text, strict: op === '<' }] });
    default:
      return NOTHING;
  }
}

function readPair(left: string, op: string, right: string): Found {
  if (!(op in FLIPPED)) return NOTHING;
  const [first, second] = op.startsWith('<') ? [left, right] : [right, left];
  return {
    columns: new Map(),
    precedences: [{ first, second, strict: op.length === 1 }],
    complete: true,
  };
}

const LENGTHS = new Set(['length', 'char_length', 'character_length', 'octet_length']);
const SIZES = new Set(['cardinality', 'array_length']);

function readLength(
  { name, args }: Extract<Expression, { kind: 'call' }>,
  op: string,
  text: string | null,
): Found {
  const column = args[0];
  const number = Number(text);
  const known = (LENGTHS.has(name) && args.length === 1) || SIZES.has(name);
  if (!known || column?.kind !== 'column' || text === null || !Number.isInteger(number))
    return NOTHING;
  switch (op) {
    case '=':
      return one(column.name, { shortest: number, longest: number });
    case '>':
    case '>=':
      return one(column.name, { shortest: op === '>' ? number + 1 : number });
    case '<':
    case '<=':
      return one(column.name, { longest: op === '<' ? number - 1 : number });
    case '<>':
      return number === 0 ? one(column.name, { shortest: 1 }) : NOTHING;
    default:
      return NOTHING;
  }
}

function readCase(
  column: string,
  op: string,
  { name, args }: Extract<Expression, { kind: 'call' }>,
): Found {
  const [of] = args;
  if (op !== '=' || of?.kind !== 'column' || of.name !== column) return NOTHING;
  if (name !== 'lower' && name !== 'upper') return NOTHING;
  return one(column, { letters: name });
}

function textsOf(items: readonly Expression[]): string[] | undefined {
  const texts = items.map((item) => (item.kind === 'literal' ? item.text : null));
  return texts.every((text) => text !== null) ? texts : undefined;
}

const equal = (name: string, values: readonly string[]): Found => one(name, { values });

function one(name: string, rules: ColumnRules): Found {
  return { columns: new Map([[name, rules]]), precedences: [], complete: true };
}

function merge(parts: readonly Found[]): Found {
  const columns = new Map<string, ColumnRules>();
  for (const part of parts) {
    for (const [name, rules] of part.columns)
      columns.set(name, combineRules(columns.get(name) ?? {}, rules));
  }
  return {
    columns,
    precedences: parts.flatMap((part) => part.precedences),
    complete: parts.every((part) => part.complete),
  };
}
