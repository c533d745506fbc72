import type { Generator } from '../../../src/bulk/generators/generator';
import type { PgType } from '../../../src/bulk/generators/pg-type';
import type { ColumnRules } from '../../../src/bulk/plan/column-rules';
import { narrowGenerator } from '../../../src/bulk/plan/narrow-generator';

const type = (name: string, more: Partial<PgType> = {}): PgType => ({
  sql: name,
  name,
  kind: 'base',
  oid: 0,
  ...more,
});
const low = (text: string, strict = false): ColumnRules => ({ low: [{ text, strict }] });
const high = (text: string, strict = false): ColumnRules => ({ high: [{ text, strict }] });
const integer = { kind: 'integer', min: 1, max: 1000 } as const;

test.each<[string, Generator, ColumnRules, PgType, object]>([
  ['a bound cuts the usual range', integer, low('10', true), type('int4'), { min: 11, max: 1000 }],
  [
    'a bound beyond it moves it, as wide as it was',
    integer,
    low('5000'),
    type('int4'),
    { min: 5000, max: 5999 },
  ],
  ['but not past the type', integer, low('32000'), type('int2'), { min: 32_000, max: 32_767 }],
  [
    'two bounds are the range where it goes beyond',
    integer,
    { ...low('0'), ...high('7') },
    type('int4'),
    { min: 0, max: 7 },
  ],
  [
    'ends that are excluded are left out',
    integer,
    { ...high('9'), excluded: ['1', '9'] },
    type('int4'),
    { min: 2, max: 8 },
  ],
  [
    'a decimal counts in its own units',
    { kind: 'decimal', scale: 2, min: 100, max: 900 },
    low('1.1'),
    type('numeric'),
    { min: 110, max: 900 },
  ],
  [
    'a day',
    { kind: 'integer', min: 0, max: 9000 },
    { ...low('2000-01-02'), ...high('2000-01-05', true) },
    type('date'),
    { min: 1, max: 4 - 1 },
  ],
  [
    'the values of a CHECK',
    integer,
    { values: ['1', '2'], excluded: ['2'] },
    type('int4'),
    { kind: 'choice', values: ['1'] },
  ],
  [
    'and of an enum',
    { kind: 'choice', values: ['a', 'b'] },
    { values: ['b', 'c'] },
    type('mood', { kind: 'enum' }),
    { values: ['b'] },
  ],
  [
    'lengths',
    { kind: 'text', form: 'word', min: 0, max: 50 },
    { shortest: 5, longest: 8, letters: 'lower' },
    type('text'),
    { min: 5, max: 8, letters: 'lower' },
  ],
  ['always NULL', integer, { null: true }, type('int4'), { kind: 'constant', value: null }],
  [
    'a serial stays',
    { kind: 'serial', step: 1 },
    low('10'),
    type('int4'),
    { kind: 'serial', step: 1 },
  ],
])('%s', (_, generator, rules, pgType, expected) => {
  expect(narrowGenerator(generator, rules, pgType)).toMatchObject(expected);
});
