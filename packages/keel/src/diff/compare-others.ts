import { keyOf } from '../schema/object-names';
import type { OtherObject, QualifiedName, Schema } from '../schema/schema';
import type { Difference, Sides } from './describe-operation';

/** An object as far as this comparison goes. */
interface Entry {
  readonly key: string;
  readonly what: string;
  readonly definition: string;
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
  options: { readonly definitions: boolean },
): Difference[] {
  const old = entriesOf(before);
  const next = entriesOf(after);
  const differences: Difference[] = [];
  for (const [key, entry] of next) {
    const same = old.get(key);
    if (same === undefined)
      differences.push({ text: `${entry.what} is in ${sides.after} but not in ${sides.before}` });
    else if (options.definitions && same.definition !== entry.definition) {
      differences.push({
        text: `${entry.what} is defined differently in ${sides.after} and in ${sides.before}`,
      });
    }
  }
  for (const [key, entry] of old) {
    if (!next.has(key))
      differences.push({ text: `${entry.what} is in ${sides.before} but not in ${sides.after}` });
  }
  return differences;
}

function entriesOf(schema: Schema): ReadonlyMap<string, Entry> {
  const others = schema.others.map((object) =>
    entry(object.kind, object, object.identity, object.definition),
  );
  const sequences = schema.sequences.map((sequence) =>
    entry('sequence', sequence, sequence.name, sequence.definition),
  );
  return new Map([...others, ...sequences].map((one) => [one.key, one]));
}

function entry(
  kind: OtherObject['kind'] | 'sequence',
  name: QualifiedName,
  identity: string,
  definition: string,
): Entry {
  const shown = name.schema === 'public' ? identity : `${name.schema}.${identity}`;
  return {
    key: `${kind} ${keyOf({ schema: name.schema, name: identity })}`,
    what: `${kind} ${shown}`,
    definition,
  };
}
