import { text } from '../../codegen/code';
import type { Column, EnumType, Schema } from '../../schema/schema';
import { keyOf } from '../../schema/object-names';

/** What the types of columns are made of besides PostgreSQL's own types. */
export interface TypeLookup {
  readonly enumOf: (column: Column) => EnumType | undefined;
  /** The type behind a domain, as `format_type` writes it; other types stay as they are. */
  readonly baseOf: (type: string) => string;
}

export function typeLookup({ enums, others }: Schema): TypeLookup {
  const byKey = new Map(enums.map((type) => [keyOf(type), type]));
  const domains = new Map(
    others
      .filter(({ kind }) => kind === 'domain')
      .flatMap(({ schema, name, create }): [string, string][] => {
        const base =
          /^CREATE DOMAIN (?:"[^"]*"|[^\s."]+)\.(?:"[^"]*"|\S+) AS (.+?)(?= COLLATE | DEFAULT | NOT NULL| CONSTRAINT |$)/s.exec(
            create[0] ?? '',
          )?.[1];
        return base === undefined ? [] : [[`${schema}.${name}`, base]];
      }),
  );
  const baseOf = (type: string): string => {
    const base = domains.get(type.replaceAll('"', ''));
    return base === undefined ? type : baseOf(base);
  };
  return {
    enumOf: ({ enumType }) => (enumType === undefined ? undefined : byKey.get(keyOf(enumType))),
    baseOf,
  };
}

/** What `pg` makes of values, by the beginning of the type's name. Numbers that JavaScript could not hold are texts. */
const VALUE_TYPES: readonly (readonly [RegExp, string])[] = [
  [/^(?:smallint|integer|real|double precision|oid)$/, 'number'],
  [/^boolean$/, 'boolean'],
  [/^timestamp/, 'Date'],
  [/^bytea$/, 'Buffer'],
  [/^(?:json|jsonb)$/, 'object'],
  [
    /^(?:character|"char"|name|text|uuid|bigint|numeric|money|date|time|inet|cidr|macaddr|bit|xml|tsvector|tsquery|pg_lsn)/,
    'string',
  ],
  [/(?:^|\.)citext$/, 'string'],
  [/(?:^|\.)(?:geometry|geography)/, 'object'],
];

/** The TypeScript type of a column's value that is not NULL; `unknown` where `pg` makes something of its own of it. */
export function valueTypeOf(column: Column, { enumOf, baseOf }: TypeLookup): string {
  const type = baseOf(column.type);
  if (type.endsWith('[]')) {
    const element = valueTypeOf({ ...column, type: type.slice(0, -2) }, { enumOf, baseOf });
    return element.includes(' ') ? `(${element})[]` : `${element}[]`;
  }
  const values = enumOf(column)?.values;
  if (values !== undefined && values.length > 0) return values.map(text).join(' | ');
  return VALUE_TYPES.find(([pattern]) => pattern.test(type))?.[1] ?? 'unknown';
}
