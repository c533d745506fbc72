import { keyOf } from '../../schema/object-names';
import type { QualifiedName, Table } from '../../schema/schema';
import type { ExistingModel } from './model-plan';
import { firstFree, pascalCase, singularOf, type Inflection } from './names';

/** Names that the files of models use for something else. */
const RESERVED = new Set(
  `array associations attribute attributes boolean buffer creationoptional datatypes date error foreignkey function
  index inferattributes infercreationattributes map model models modelstatic nonattribute number object omit partial
  promise proxy record related sequelize set string symbol table type types`.split(/\s+/),
);

/** The model's name of each table, by key: singular, and no two alike even where upper case does not count. */
export function nameModels(
  tables: readonly Table[],
  existing: ReadonlyMap<string, ExistingModel>,
  {
    inflection,
    defaultSchema,
  }: { readonly inflection: Inflection; readonly defaultSchema: string },
): ReadonlyMap<string, string> {
  const names = new Map([...existing].map(([key, { name }]) => [key, name]));
  const taken = new Set([...names.values()].map((name) => name.toLowerCase()));
  const isTaken = (name: string): boolean => {
    const lower = name.toLowerCase();
    return (
      taken.has(lower) ||
      RESERVED.has(lower) ||
      /^[A-Z]\w*Mixin$/.test(name) ||
      // Sequelize names associations by the singular: of `S` nothing is left.
      inflection.singularize(name) === ''
    );
  };
  const isAway = ({ schema }: QualifiedName): boolean => schema !== defaultSchema;
  const inOrder = [...tables.filter((table) => !isAway(table)), ...tables.filter(isAway)];
  for (const table of inOrder) {
    if (names.has(keyOf(table))) continue;
    const plural = pascalCase(table.name);
    const singular = singularOf(plural, inflection) || plural;
    const qualified = isAway(table) ? [pascalCase(`${table.schema}_${singular}`)] : [plural];
    const name = firstFree([singular, ...qualified, `${singular}Row`], isTaken);
    taken.add(name.toLowerCase());
    names.set(keyOf(table), name);
  }
  return names;
}
