import * as v from 'valibot';
import { ALPHABETS, TEXT_FORMS } from '../generators/text-forms';
import type { PlanFile } from './define-plan';

const FORM_NAMES = [...Object.keys(TEXT_FORMS), ...Object.keys(ALPHABETS), 'prose'];

const number = v.pipe(v.number('must be a number'), v.finite('must be a finite number'));
const whole = v.pipe(
  number,
  v.integer('must be a whole number'),
  v.minValue(0, 'must be 0 or more'),
);
const text = v.string('must be a text');
const size = { min: whole, max: whole };

const generator: v.GenericSchema = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.literal('serial'), step: number }),
    v.strictObject({
      kind: v.literal('integer'),
      min: number,
      max: number,
      unit: v.optional(number),
    }),
    v.strictObject({ kind: v.literal('decimal'), min: number, max: number, scale: whole }),
    v.strictObject({ kind: v.literal('float'), min: number, max: number }),
    v.strictObject({
      kind: v.literal('text'),
      form: v.picklist(FORM_NAMES, `must be one of ${FORM_NAMES.join(', ')}`),
      ...size,
      letters: v.optional(v.picklist(['lower', 'upper'], "must be 'lower' or 'upper'")),
    }),
    v.strictObject({
      kind: v.literal('choice'),
      values: v.array(text),
      weights: v.optional(v.array(v.pipe(number, v.minValue(0, 'must be 0 or more')))),
    }),
    v.strictObject({ kind: v.literal('constant'), value: v.nullable(text) }),
    v.strictObject({ kind: v.literal('uuid') }),
    v.strictObject({ kind: v.literal('bytes'), ...size }),
    v.strictObject({ kind: v.literal('after'), column: text, spread: number, unit: number }),
    v.strictObject({ kind: v.literal('array'), element: v.lazy(() => generator), ...size }),
    v.strictObject({ kind: v.literal('range'), element: v.lazy(() => generator), spread: number }),
    v.strictObject({
      kind: v.literal('pattern'),
      parts: v.array(v.union([text, v.tuple([number, number])], 'must be a text or [from, to]')),
    }),
  ],
  'must be a generator, as generate.text() and the like make them, or a function',
);

const call = v.function('must be a generator or a function');
const columnOptions = v.strictObject({
  generator: v.optional(v.lazy((given) => (typeof given === 'function' ? call : generator))),
  nullRate: v.optional(number),
  unique: v.optional(v.boolean('must be true or false')),
});

/** A bare generator, a function, or options. */
const column = v.lazy((given) => {
  if (typeof given === 'function') return call;
  if (typeof given !== 'object' || given === null || 'kind' in given) return generator;
  return columnOptions;
});

const reference = v.strictObject({
  min: v.optional(number),
  max: v.optional(number),
  share: v.optional(number),
  nullRate: v.optional(number),
  distribution: v.optional(
    v.union(
      [
        v.picklist(['uniform', 'zipf']),
        v.strictObject({ zipf: number }),
        v.strictObject({ weighted: v.array(v.strictObject({ share: number, weight: number })) }),
      ],
      "must be 'uniform', 'zipf', { zipf: exponent } or { weighted: [{ share, weight }] }",
    ),
  ),
});

const record = <T extends v.GenericSchema>(value: T) =>
  v.record(v.string(), v.optional(value), 'must be an object');

const modelOptions = v.strictObject(
  {
    rows: v.optional(whole),
    existing: v.optional(v.boolean('must be true or false')),
    columns: v.optional(record(column)),
    references: v.optional(record(reference)),
    unique: v.optional(
      v.array(v.array(text, 'must be a list of attributes'), 'must be a list of lists'),
    ),
    fixed: v.optional(
      v.array(v.record(v.string(), v.unknown(), 'must be an object'), 'must be a list'),
    ),
  },
  ({ expected }) =>
    expected === 'never' ? 'is no setting of a model' : 'must be an object of settings',
);

const planFile = v.strictObject({
  seed: v.optional(v.pipe(number, v.integer('must be a whole number'))),
  models: v.optional(record(modelOptions)),
  junctions: v.optional(record(modelOptions)),
});

/** What is wrong with the shape of a plan file, by the path of each setting. JavaScript files meet no compiler. */
export function planFileProblems(file: PlanFile): string[] {
  const { issues = [] } = v.safeParse(planFile, file);
  return issues.map((issue) => {
    const path = (issue.path ?? []).map(({ key }) => String(key));
    const [first, ...rest] = path;
    const names = first === 'models' || first === 'junctions' ? rest : path;
    return `${names.join('.')}: ${describe(issue)}`;
  });
}

function describe({ message, expected, received }: v.BaseIssue<unknown>): string {
  if (expected === 'never') return 'there is no such setting';
  return /^(Invalid|Expected)/.test(message)
    ? `must be ${expected ?? 'something else'}, not ${received}`
    : `${message}, not ${received}`;
}
