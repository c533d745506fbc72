const SHORT: readonly (readonly [RegExp, string])[] = [
  [/^character varying/i, 'varchar'],
  [/^timestamp(\(\d+\))? with time zone/i, 'timestamptz$1'],
  [/^timestamp(\(\d+\))? without time zone/i, 'timestamp$1'],
  [/^time(\(\d+\))? with time zone/i, 'timetz$1'],
  [/^time(\(\d+\))? without time zone/i, 'time$1'],
  [/^double precision/i, 'double'],
  [/^bit varying/i, 'varbit'],
];

/** A type as people call it: PostgreSQL's full names are too wide for a picture. Upper case is Sequelize's way. */
export function shortType(type: string): string {
  const plain = /^[A-Z ]+(\(\d+(,\s*\d+)?\))?(\[\])*$/.test(type) ? type.toLowerCase() : type;
  const found = SHORT.find(([pattern]) => pattern.test(plain));
  return found === undefined ? plain : plain.replace(...found);
}
