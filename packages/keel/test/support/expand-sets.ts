import fc from 'fast-check';

/** A type of column with values that are told apart, and the types that it may get. */
interface Kind {
  readonly sql: string;
  readonly model: string;
  /** The n-th value, as SQL. */
  readonly value: (n: number) => string;
  /** Whether no two values are the same. */
  readonly many: boolean;
  readonly becomes: readonly string[];
}

const quoted = (make: (n: number) => string) => (n: number) => `'${make(n)}'`;

export const kinds: Readonly<Record<string, Kind>> = {
  smallint: number('smallint', 'SMALLINT', ['integer', 'bigint', 'numeric']),
  integer: number('integer', 'INTEGER', ['bigint', 'text', 'double']),
  bigint: number('bigint', 'BIGINT', ['text']),
  numeric: {
    sql: 'numeric(10,2)',
    model: 'DECIMAL(10, 2)',
    value: (n) => `${n}.50`,
    many: true,
    becomes: ['text'],
  },
  double: {
    sql: 'double precision',
    model: 'DOUBLE',
    value: (n) => `${n}.25`,
    many: true,
    becomes: ['text'],
  },
  short: {
    sql: 'character varying(20)',
    model: 'STRING(20)',
    value: quoted((n) => `it''s ${n}`),
    many: true,
    becomes: ['string', 'text'],
  },
  string: {
    sql: 'character varying(255)',
    model: 'STRING',
    value: quoted((n) => `a\\b ${n} `),
    many: true,
    becomes: ['text'],
  },
  text: {
    sql: 'text',
    model: 'TEXT',
    value: quoted((n) => (n === 3 ? '' : `t${n}`)),
    many: true,
    becomes: [],
  },
  boolean: {
    sql: 'boolean',
    model: 'BOOLEAN',
    value: (n) => (n % 2 === 0 ? 'true' : 'false'),
    many: false,
    becomes: ['text'],
  },
  date: {
    sql: 'date',
    model: 'DATEONLY',
    value: (n) => `'2020-01-01'::date + ${n}`,
    many: true,
    becomes: ['text'],
  },
  timestamp: {
    sql: 'timestamp with time zone',
    model: 'DATE',
    value: (n) => `'2020-01-01 10:00:00.123456Z'::timestamptz + interval '${n} h'`,
    many: true,
    becomes: [],
  },
  uuid: {
    sql: 'uuid',
    model: 'UUID',
    value: quoted((n) => `00000000-0000-0000-0000-${`${n}`.padStart(12, '0')}`),
    many: true,
    becomes: ['text'],
  },
  jsonb: {
    sql: 'jsonb',
    model: 'JSONB',
    value: quoted((n) => (n === 2 ? 'null' : `{"n": ${n}}`)),
    many: true,
    becomes: [],
  },
  strings: {
    sql: 'text[]',
    model: 'ARRAY(D.TEXT)',
    value: quoted((n) => (n === 1 ? '{}' : `{a,${n}}`)),
    many: true,
    becomes: [],
  },
  inet: {
    sql: 'inet',
    model: 'INET',
    value: quoted((n) => `10.0.0.${n % 250}`),
    many: true,
    becomes: [],
  },
  bytes: {
    sql: 'bytea',
    model: 'BLOB',
    value: quoted((n) => `\\x${1000 + n}`),
    many: true,
    becomes: [],
  },
};

function number(sql: string, type: string, becomes: readonly string[]): Kind {
  return { sql, model: type, value: (n) => `${n}`, many: true, becomes };
}

/** A column that is to change, with all that may stand on it. */
export interface ExpandColumn {
  readonly kind: string;
  /** The type that it gets; its own where it keeps that. */
  readonly to: string;
  /** Whether it keeps its name. */
  readonly sameName: boolean;
  readonly required: boolean;
  readonly withDefault: boolean;
  readonly unique: 'no' | 'plain' | 'deferred' | 'nulls' | 'with n';
  readonly check: 'no' | 'plain' | 'with n' | 'not valid';
  /** Points to a table of its own kind of keys. */
  readonly parent: 'no' | 'CASCADE' | 'SET NULL' | 'deferred';
  /** Another table points to it. */
  readonly child: boolean;
  readonly comment: boolean;
  readonly indexes: readonly (keyof typeof indexForms)[];
}

export const indexForms = {
  plain: '(@)',
  descending: '(@ DESC NULLS LAST, n)',
  partial: '(n) WHERE @ IS NOT NULL',
  expression: '((@ IS NULL), n)',
  including: '(n) INCLUDE (@)',
  unique: 'unique (@, id)',
  filled: '(@) WITH (fillfactor = 70)',
  commented: '(n, @)',
} as const;

/** One table, its column, and how it is split or merged where that is what happens. */
export interface ExpandTable {
  readonly shape: 'one' | 'split' | 'merge';
  readonly column: ExpandColumn;
  readonly schema: 'public' | 'App';
  /** Its key becomes BIGINT in the same run, where its column keeps its name. */
  readonly key: boolean;
  readonly identity: boolean;
}

export interface ExpandCase {
  readonly tables: readonly ExpandTable[];
  /** After which files code writes and reads, again and again from the start. */
  readonly stops: readonly boolean[];
}

const rarely = (odds: number): fc.Arbitrary<boolean> =>
  fc.integer({ min: 0, max: odds }).map((n) => n === odds);

const column: fc.Arbitrary<ExpandColumn> = fc
  .record({
    kind: fc.constantFrom(...Object.keys(kinds)),
    turn: fc.nat(5),
    retyped: fc.boolean(),
    sameName: fc.boolean(),
    required: fc.boolean(),
    withDefault: fc.boolean(),
    unique: fc.constantFrom(
      'no' as const,
      'no' as const,
      'plain' as const,
      'deferred' as const,
      'nulls' as const,
      'with n' as const,
    ),
    check: fc.constantFrom(
      'no' as const,
      'no' as const,
      'plain' as const,
      'with n' as const,
      'not valid' as const,
    ),
    parent: fc.constantFrom(
      'no' as const,
      'no' as const,
      'CASCADE' as const,
      'SET NULL' as const,
      'deferred' as const,
    ),
    child: fc.boolean(),
    comment: rarely(3),
    indexes: fc.uniqueArray(
      fc.constantFrom(...(Object.keys(indexForms) as (keyof typeof indexForms)[])),
      { maxLength: 3 },
    ),
  })
  .map(({ turn, retyped, ...one }): ExpandColumn => {
    const { many, becomes } = kinds[one.kind] as Kind;
    const next = becomes.length === 0 ? undefined : becomes[turn % becomes.length];
    const to = retyped || one.sameName ? (next ?? one.kind) : one.kind;
    const sameName = one.sameName && to !== one.kind;
    const unique = many ? one.unique : 'no';
    const hasKey = many && ['integer', 'bigint', 'short', 'uuid', 'date'].includes(one.kind);
    // A foreign key refers to the same type.
    const parent = hasKey && to === one.kind && unique !== 'plain' ? one.parent : 'no';
    return {
      ...one,
      to,
      sameName,
      unique,
      parent: parent === 'SET NULL' && one.required ? 'CASCADE' : parent,
      child: one.child && sameName && unique === 'plain' && ['integer', 'bigint'].includes(to),
    };
  });

export const expandCase: fc.Arbitrary<ExpandCase> = fc.record({
  tables: fc.array(
    fc.record({
      shape: fc.constantFrom(
        'one' as const,
        'one' as const,
        'one' as const,
        'split' as const,
        'merge' as const,
      ),
      column,
      schema: fc.constantFrom('public' as const, 'public' as const, 'App' as const),
      key: fc.boolean(),
      identity: fc.boolean(),
    }),
    { minLength: 2, maxLength: 3 },
  ),
  stops: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
});
