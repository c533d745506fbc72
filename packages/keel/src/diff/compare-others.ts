import { keyOf } from '../schema/object-names';
import { quoteIdentifier, quoteTable } from '../db/quote';
import type { EnumType, OtherObject, Schema, Sequence } from '../schema/schema';
import { describeChange } from './describe-change';
import type { Difference, Sides } from './describe-operation';

/** An object as far as this comparison goes. */
interface Entry {
  readonly key: string;
  readonly what: string;
  readonly statements: readonly string[];
}

/**
 * Views, functions, domains, free sequences: what models cannot declare, compared as a whole.
 *
 * @param options `definitions: false` compares only whether they are there: servers of different versions
 *   write the same definition differently
 */
export function compareOthers(
  before: Schema,
  after: Schema,
  sides: Sides,
  options: { readonly definitions: boolean; readonly skip?: ReadonlySet<string> },
): Difference[] {
  const isCompared = ([key]: [string, Entry]): boolean => options.skip?.has(key) !== true;
  const old = new Map([...entriesOf(before)].filter(isCompared));
  const next = new Map([...entriesOf(after)].filter(isCompared));
  const differences: Difference[] = [];
  for (const [key, entry] of next) {
    const same = old.get(key);
    if (same === undefined)
      differences.push({ text: `${entry.what} is in ${sides.after} but not in ${sides.before}` });
    else if (options.definitions && textOf(same) !== textOf(entry)) {
      const change = describeChange(textOf(same), textOf(entry), sides);
      differences.push({ text: `${entry.what} is defined differently: ${change}` });
    }
  }
  for (const [key, entry] of old) {
    if (!next.has(key))
      differences.push({ text: `${entry.what} is in ${sides.before} but not in ${sides.after}` });
  }
  return [...differences, ...compareExtensionSchemas(before, after, sides)];
}

/** The keys of those that are on both sides and different. */
export function differingOthers(before: Schema, after: Schema): Set<string> {
  const next = entriesOf(after);
  const differs = ([key, entry]: [string, Entry]): boolean => {
    const same = next.get(key);
    return same !== undefined && textOf(same) !== textOf(entry);
  };
  return new Set([...entriesOf(before)].filter(differs).map(([key]) => key));
}

function compareExtensionSchemas(before: Schema, after: Schema, sides: Sides): Difference[] {
  return after.extensions.flatMap(({ name, schema }) => {
    const old = before.extensions.find((extension) => extension.name === name);
    if (old === undefined || old.schema === schema) return [];
    const text = `schema of extension ${name}: ${schema} in ${sides.after}, ${old.schema} in ${sides.before}`;
    return [{ text }];
  });
}

function textOf({ statements }: Entry): string {
  return statements.join(';\n');
}

function entriesOf(schema: Schema): ReadonlyMap<string, Entry> {
  const entries = [
    ...schema.others.map(ofObject),
    ...schema.sequences.map(ofSequence),
    ...schema.enums.flatMap(ofEnumComment),
  ];
  return new Map(entries.map((one) => [one.key, one]));
}

/** The object as people say it: `view app.totals`, `comment on VIEW app.totals`. */
export function sayObject({ kind, schema, identity }: OtherObject): string {
  if (kind === 'comment' || kind === 'security label') return `${kind} on ${identity}`;
  return `${kind} ${schema === 'public' || schema === '' ? '' : `${schema}.`}${identity}`;
}

function ofObject(object: OtherObject): Entry {
  const { kind, schema, identity, create } = object;
  return {
    key: `${kind} ${keyOf({ schema, name: identity })}`,
    what: sayObject(object),
    statements: create,
  };
}

/** The rest of an enum is compared with the columns that use it. */
function ofEnumComment({ schema, name, comment }: EnumType): Entry[] {
  if (comment === undefined) return [];
  const what = `comment on TYPE ${quoteTable(schema, name)}`;
  return [{ key: what, what, statements: [comment] }];
}

function ofSequence({ schema, name, definition, unlogged, owner }: Sequence): Entry {
  const owned =
    owner === undefined
      ? []
      : [`OWNED BY ${quoteTable(owner.schema, owner.name)}.${quoteIdentifier(owner.column)}`];
  return {
    key: `sequence ${keyOf({ schema, name })}`,
    what: `sequence ${schema === 'public' ? name : `${schema}.${name}`}`,
    // One fact a line, so that a difference names the facts that differ.
    statements: [
      [
        unlogged ? 'UNLOGGED' : 'LOGGED',
        ...definition.split(/ (?=INCREMENT|MINVALUE|MAXVALUE|START|CACHE|CYCLE)/),
        ...owned,
      ].join('\n'),
    ],
  };
}
