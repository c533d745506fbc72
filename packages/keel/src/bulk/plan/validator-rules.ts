import { EPOCH_DAYS } from '../generators/format-values';
import type { TextForm } from '../generators/generator';

/** A model's validators as bounds. */
export interface Rules {
  readonly min?: number;
  readonly max?: number;
  readonly shortest?: number;
  readonly longest?: number;
  readonly values?: readonly string[];
  readonly form?: TextForm;
  readonly letters?: 'lower' | 'upper';
  /** Days since 2000-01-01. */
  readonly after?: number;
  readonly before?: number;
}

const FORM_VALIDATORS: Readonly<Record<string, TextForm>> = {
  isEmail: 'email',
  isUrl: 'url',
  isIP: 'ip',
  isIPv4: 'ip',
  isAlpha: 'letters',
  isAlphanumeric: 'code',
  isNumeric: 'digits',
  isInt: 'digits',
  isDecimal: 'digits',
  isFloat: 'digits',
};

/** What a model's `validate` says, as bounds that a generator can keep. */
export function validatorRulesOf(validators: Readonly<Record<string, unknown>>): Rules {
  const form = Object.keys(FORM_VALIDATORS).find((name) => isSet(validators[name]));
  const length = argument(validators.len);
  const [shortest, longest] = Array.isArray(length)
    ? (length as (number | undefined)[])
    : [length as number | undefined];
  const isIn = argument(validators.isIn) ?? argument(validators.equals);
  const values = Array.isArray(isIn)
    ? Array.isArray(isIn[0])
      ? isIn[0]
      : isIn
    : isIn === undefined
      ? undefined
      : [isIn];
  return {
    min: asNumber(argument(validators.min)),
    max: asNumber(argument(validators.max)),
    shortest: asNumber(shortest) ?? (isSet(validators.notEmpty) ? 1 : undefined),
    longest: asNumber(longest),
    values: values?.map(String),
    form: form === undefined ? undefined : FORM_VALIDATORS[form],
    letters: isSet(validators.isLowercase)
      ? 'lower'
      : isSet(validators.isUppercase)
        ? 'upper'
        : undefined,
    after: asDay(argument(validators.isAfter), 1),
    before: asDay(argument(validators.isBefore), -1),
  };
}

const isSet = (validator: unknown): boolean =>
  validator !== undefined && validator !== false && validator !== null;

/** The argument of a validator: `5`, `{ args: 5, msg }`, `{ args: [5], msg }`. */
function argument(validator: unknown): unknown {
  if (typeof validator !== 'object' || validator === null || Array.isArray(validator))
    return validator;
  return (validator as { args?: unknown }).args;
}

function asNumber(value: unknown): number | undefined {
  const single: unknown = Array.isArray(value) ? value[0] : value;
  const number =
    typeof single === 'number' ? single : typeof single === 'string' ? Number(single) : NaN;
  return Number.isFinite(number) ? number : undefined;
}

function asDay(value: unknown, shift: number): number | undefined {
  const single: unknown = Array.isArray(value) ? value[0] : value;
  const time =
    single instanceof Date
      ? single.getTime()
      : typeof single === 'string'
        ? Date.parse(single)
        : NaN;
  return Number.isFinite(time) ? Math.floor(time / 86_400_000) - EPOCH_DAYS + shift : undefined;
}
