import type { OtherObject, QualifiedName, Schema, Table } from './schema';

/** Asks whether an object of these names is to be left out. */
type IsIgnored = (kind: string, ...names: string[]) => boolean;

/**
 * The schema without the objects that the patterns name. A pattern is a name in which `*` stands for any text:
 * `extensions`, `public.audit_*`, `users.audit_trigger`; `kind:` before it limits it to objects of that kind. What is
 * left out of a schema as a whole takes the schema with it.
 *
 * `ignored` of the result are the patterns that some object matched.
 */
export function ignoreObjects(schema: Schema, patterns: readonly string[]): Schema {
  if (patterns.length === 0) return schema;
  const used = new Set<string>();
  const tests = patterns.map((pattern) => ({ pattern, test: matcherOf(pattern) }));
  const isIgnored: IsIgnored = (kind, ...names) => {
    const hits = tests.filter(({ test }) => names.some((name) => test(kind, name)));
    for (const { pattern } of hits) used.add(pattern);
    return hits.length > 0;
  };
  const namespaces = schema.namespaces.filter((name) => !isIgnored('schema', name, `${name}.*`));
  const gone = new Set(schema.namespaces.filter((name) => !namespaces.includes(name)));
  const stays = (kind: string, object: QualifiedName): boolean =>
    !gone.has(object.schema) && !isIgnored(kind, ...namesOf(object));
  return {
    ...schema,
    namespaces,
    extensions: schema.extensions.filter(
      ({ name, schema: home }) => !isIgnored('extension', name, `${home}.${name}`),
    ),
    enums: schema.enums.filter((type) => stays('enum', type)),
    sequences: schema.sequences.filter(
      (sequence) =>
        stays('sequence', sequence) &&
        (sequence.owner === undefined || stays('table', sequence.owner)),
    ),
    tables: schema.tables
      .filter((table) => stays('table', table))
      .map((table) => withoutParts(table, isIgnored)),
    others: schema.others.filter(
      (object) => !gone.has(schemaOf(object)) && !isIgnored(object.kind, ...otherNames(object)),
    ),
    ignored: patterns.filter((pattern) => used.has(pattern)),
  };
}

function matcherOf(pattern: string): (kind: string, name: string) => boolean {
  const [, kind, text = ''] = /^(?:([a-z][a-z -]*):)?(.*)$/s.exec(pattern) ?? [];
  const source = text
    .split('*')
    .map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`));
  const expression = new RegExp(`^${source.join('.*')}$`, 's');
  return (given, name) => (kind === undefined || kind === given) && expression.test(name);
}

/** With its schema, and by itself where that is `public`. */
function namesOf({ schema, name }: QualifiedName): string[] {
  return schema === 'public' ? [name, `public.${name}`] : [`${schema}.${name}`];
}

function withoutParts(table: Table, isIgnored: IsIgnored): Table {
  const stays =
    (kind: string) =>
    ({ name }: { readonly name: string }): boolean =>
      !isIgnored(kind, ...namesOf(table).map((owner) => `${owner}.${name}`));
  return {
    ...table,
    columns: table.columns.filter(stays('column')),
    constraints: table.constraints.filter(stays('constraint')),
    indexes: table.indexes.filter(stays('index')),
    triggers: table.triggers.filter(stays('trigger')),
    policies: table.policies.filter(stays('policy')),
    settings: table.settings.filter(({ what }) => stays('setting')({ name: what })),
  };
}

/** A function is also named without its arguments; a rule goes with its table, a comment with what it is on. */
function otherNames(object: OtherObject): string[] {
  const { kind, schema, identity, name } = object;
  if (isRemark(object)) return remarkNames(identity);
  const table = kind === 'rule' ? identity.slice(name.length + ' on '.length) : undefined;
  const names = [
    identity,
    identity.replace(/\(.*$/s, ''),
    name,
    ...(table === undefined ? [] : [table]),
  ];
  return schema === '' ? names : names.flatMap((one) => namesOf({ schema, name: one }));
}

function isRemark({ kind }: OtherObject): boolean {
  return kind === 'comment' || kind === 'security label';
}

/** Of `TRIGGER audit ON public.users` the table and the trigger, of `COLUMN public.users.name` the table and the column. */
function remarkNames(identity: string): string[] {
  const target = targetOf(identity);
  const part = identity.includes(' ON ') ? identity.replace(/^[A-Z -]+ | ON .*$/gs, '') : undefined;
  const names = [
    target,
    target.replace(/\(.*$/s, ''),
    ...(part === undefined ? [] : [`${target}.${part.replaceAll('"', '')}`]),
    ...(identity.startsWith('COLUMN ') ? [target.slice(0, target.lastIndexOf('.'))] : []),
  ];
  return names.flatMap((name) => [name, name.replace(/^public\./, '')]);
}

/** The schema that an object lives in, or that the object is in which a comment is on. */
function schemaOf(object: OtherObject): string {
  const { schema, identity } = object;
  if (!isRemark(object)) return schema;
  const target = targetOf(identity);
  return identity.startsWith('SCHEMA ') ? target : (target.split('.')[0] ?? '');
}

/** `public.users` of `COLUMN public.users` and of `TRIGGER audit ON public.users`. */
function targetOf(identity: string): string {
  const [, on] = / ON (?:DOMAIN )?(.*)$/s.exec(identity) ?? [];
  return (on ?? identity.replace(/^[A-Z -]+ /, '')).replaceAll('"', '');
}
