import { MICROSECONDS_A_DAY } from '../generators/format-values';
import type { ColumnDescription } from './column-description';
import { chooseText } from './choose-text';
import { patternOf } from './pattern-of';
import { validatorRulesOf, type Rules } from './validator-rules';
import type { Generator } from '../generators/generator';
import type { PgType } from '../generators/pg-type';

/** Days, from 2000-01-01, between which dates fall unless something says otherwise: 2024 and 2025. */
const FIRST_DAY = 8766;
const LAST_DAY = 9496;
/** The years 1900 to 2099, for days of which none may come twice: two years have too few. */
const FIRST_UNIQUE_DAY = -36_524;
const LAST_UNIQUE_DAY = 36_524;
const SECOND = 1_000_000;

/** The generator for a column, by its type, validators and name; undefined where none is known. */
export function chooseGenerator(facts: ColumnDescription): Generator | undefined {
  const { type, model } = facts;
  const rules = validatorRulesOf(model?.validators ?? {});
  const choice = choiceOf(rules, type);
  if (choice) return choice;
  if (model?.role === 'deletedAt') return { kind: 'constant', value: null };
  if (model?.role === 'version') return { kind: 'constant', value: '0' };
  if (model?.role === 'updatedAt' && facts.createdAt !== undefined) {
    return { kind: 'after', column: facts.createdAt, spread: 30 * 86_400, unit: SECOND };
  }
  return byType(type, facts, rules);
}

function byType(type: PgType, facts: ColumnDescription, rules: Rules): Generator | undefined {
  if (type.kind === 'enum') return { kind: 'choice', values: type.labels ?? [] };
  if (type.kind === 'array' && type.element) {
    const element = byType(type.element, { ...facts, unique: false }, {});
    return element && { kind: 'array', element, min: 1, max: 4 };
  }
  if (type.kind === 'range' && type.element) return rangeOf(type.element);
  switch (type.name) {
    case 'bool':
      return { kind: 'integer', min: 0, max: 1 };
    case 'int2':
    case 'int4':
    case 'int8':
    case 'oid':
      return wholeNumbers(type.name, facts, rules);
    case 'numeric':
      return decimals(type, facts, rules);
    case 'money':
      return { kind: 'integer', min: 100, max: 99_999_99 };
    case 'float4':
    case 'float8':
      return floats(facts.name, rules);
    case 'date':
      return dates(rules, 1, (day) => day, facts.unique);
    case 'timestamp':
    case 'timestamptz':
      return dates(rules, SECOND, (day) => day * MICROSECONDS_A_DAY);
    case 'time':
    case 'timetz':
      return { kind: 'integer', min: 0, max: 86_399 * SECOND, unit: SECOND };
    case 'interval':
      return { kind: 'integer', min: 60, max: 30 * 86_400 };
    case 'uuid':
      return { kind: 'uuid' };
    case 'bytea':
      return { kind: 'bytes', min: 16, max: 16 };
    case 'json':
    case 'jsonb':
      return { kind: 'text', form: 'json', min: 0, max: 200 };
    case 'bit':
    case 'varbit':
      return {
        kind: 'integer',
        min: 0,
        max: 2 ** Math.min(type.length ?? unbounded(type), 32) - 1,
      };
    case 'text':
    case 'varchar':
    case 'bpchar':
    case 'citext':
    case 'name':
      return chooseText(type, facts, rules);
    default:
      return patternOf(type.name);
  }
}

/** Bits of a type without a length: one, or any number. */
const unbounded = ({ name }: PgType): number => (name === 'varbit' ? 32 : 1);

function rangeOf(bound: PgType): Generator | undefined {
  switch (bound.name) {
    case 'int4':
    case 'int8':
      return { kind: 'range', element: { kind: 'integer', min: 1, max: 1000 }, spread: 100 };
    case 'numeric':
      return {
        kind: 'range',
        element: { kind: 'decimal', min: 100, max: 100_000, scale: 2 },
        spread: 10_000,
      };
    case 'date':
      return {
        kind: 'range',
        element: { kind: 'integer', min: FIRST_DAY, max: LAST_DAY },
        spread: 30,
      };
    case 'timestamp':
    case 'timestamptz': {
      const [min, max] = [FIRST_DAY * MICROSECONDS_A_DAY, LAST_DAY * MICROSECONDS_A_DAY];
      return {
        kind: 'range',
        element: { kind: 'integer', min, max, unit: SECOND },
        spread: MICROSECONDS_A_DAY,
      };
    }
    default:
      return undefined;
  }
}

const LARGEST: Readonly<Record<string, number>> = {
  int2: 32_767,
  int4: 2_147_483_647,
  int8: Number.MAX_SAFE_INTEGER,
  oid: 4_294_967_295,
};

/** Usual bounds of a number by what its column is called. */
const BY_NAME: readonly (readonly [RegExp, number, number])[] = [
  [/(^|_)age$/i, 18, 90],
  [/year$/i, 1970, 2025],
  [/month$/i, 1, 12],
  [/(^|_)day$/i, 1, 28],
  [/rating|stars|score/i, 1, 5],
  [/quantity|count|amount|stock|views|likes/i, 0, 1000],
  [/percent|progress/i, 0, 100],
  [/price|cost|total|salary|balance/i, 1, 10_000],
  [/lat(itude)?$/i, -89, 89],
  [/(lng|lon(gitude)?)$/i, -179, 179],
];

function boundsByName(name: string): readonly [number, number] {
  const found = BY_NAME.find(([pattern]) => pattern.test(name));
  return found ? [found[1], found[2]] : [1, 1000];
}

function wholeNumbers(type: string, facts: ColumnDescription, rules: Rules): Generator {
  const largest = LARGEST[type]!;
  const [usualMin, usualMax] = facts.unique ? [1, largest] : boundsByName(facts.name);
  const min = Math.ceil(rules.min ?? Math.min(usualMin, rules.max ?? usualMin));
  const max = Math.floor(Math.min(largest, rules.max ?? Math.max(usualMax, min)));
  return { kind: 'integer', min, max };
}

function decimals(type: PgType, facts: ColumnDescription, rules: Rules): Generator {
  const scale = Math.max(0, Math.min(type.scale ?? (type.precision === undefined ? 2 : 0), 9));
  const unit = 10 ** scale;
  const digits = Math.min(15, type.precision ?? 15);
  const largest = Math.min(10 ** digits - 1, Number.MAX_SAFE_INTEGER);
  const [usualMin, usualMax] = facts.unique ? [0, largest / unit] : boundsByName(facts.name);
  const min = rules.min ?? Math.min(usualMin, rules.max ?? usualMin);
  const max = rules.max ?? Math.max(usualMax, min);
  return {
    kind: 'decimal',
    scale,
    min: Math.max(-largest, Math.min(Math.ceil(min * unit), largest)),
    max: Math.min(Math.floor(max * unit), largest),
  };
}

function floats(name: string, rules: Rules): Generator {
  const [usualMin, usualMax] = boundsByName(name);
  const min = rules.min ?? Math.min(usualMin, rules.max ?? usualMin);
  return { kind: 'float', min, max: rules.max ?? Math.max(usualMax, min) };
}

function dates(
  rules: Rules,
  unit: number,
  scale: (day: number) => number,
  unique = false,
): Generator {
  const [usualFirst, usualLast] = unique
    ? [FIRST_UNIQUE_DAY, LAST_UNIQUE_DAY]
    : [FIRST_DAY, LAST_DAY];
  const first =
    rules.after ??
    (rules.before === undefined ? usualFirst : Math.min(usualFirst, rules.before - 730));
  const last = rules.before ?? Math.max(usualLast, first + 730);
  return { kind: 'integer', min: scale(first), max: scale(last), unit };
}

function choiceOf(rules: Rules, type: PgType): Generator | undefined {
  if (!rules.values) return undefined;
  const labels = type.labels;
  const values = labels ? rules.values.filter((value) => labels.includes(value)) : rules.values;
  return { kind: 'choice', values };
}
