import { longestOf } from '../generators/make-text-source';
import type { ColumnDescription } from './column-description';
import type { Generator, TextForm } from '../generators/generator';
import type { PgType } from '../generators/pg-type';
import type { Rules } from './validator-rules';

const TEXT_NAMES: readonly (readonly [RegExp, TextForm])[] = [
  [/e-?mail/i, 'email'],
  [/user_?name|login|nick|handle/i, 'userName'],
  [/first_?name|given_?name/i, 'firstName'],
  [/last_?name|surname|family_?name/i, 'lastName'],
  [/url|website|link|avatar|image|photo/i, 'url'],
  [/domain|host/i, 'domain'],
  [/phone|mobile|fax/i, 'phone'],
  [/street|address/i, 'street'],
  [/city|town/i, 'city'],
  [/country/i, 'country'],
  [/zip|post(al)?_?code/i, 'postcode'],
  [/company|organi[sz]ation|employer/i, 'company'],
  [/colou?r/i, 'colour'],
  [/slug/i, 'slug'],
  [/title|subject|headline/i, 'title'],
  [/(^|_)ip($|_)|ip_?address/i, 'ip'],
  [/hash|token|secret|password|digest/i, 'hex'],
  [/(^|_)(code|sku|key|reference|number)$|(Code|Key|Number)$/, 'code'],
  [/^name$|full_?name|author|person|customer/i, 'fullName'],
  [/bio|content|body|text|description|comment|message|summary|note|about|abstract/i, 'prose'],
];

/** Lengths of running text by name: a body is longer than a note. */
function proseBounds(name: string): readonly [number, number] {
  return /content|body|text|article/i.test(name) ? [120, 200] : [40, 120];
}

/** The text that suits a column, by its name, type and validators. */
export function chooseText(type: PgType, facts: ColumnDescription, rules: Rules): Generator {
  const limit = Math.min(
    type.length ?? (type.name === 'name' ? 63 : 10_000),
    rules.longest ?? Infinity,
  );
  const named = TEXT_NAMES.find(([pattern]) => pattern.test(facts.name))?.[1];
  const form =
    rules.form ??
    (named && longestOf(named) <= limit ? named : limit < 16 ? 'code' : (named ?? 'title'));
  const { letters } = rules;
  if (form === 'prose' && !facts.unique) {
    const [usualMin, usualMax] = proseBounds(facts.name);
    const max = Math.min(limit, Math.max(usualMax, rules.shortest ?? 0));
    return { kind: 'text', form, min: rules.shortest ?? Math.min(usualMin, max), max, letters };
  }
  const fixed =
    type.name === 'bpchar' &&
    type.length !== undefined &&
    ['code', 'digits', 'letters', 'hex'].includes(form);
  return { kind: 'text', form, min: fixed ? limit : (rules.shortest ?? 0), max: limit, letters };
}
