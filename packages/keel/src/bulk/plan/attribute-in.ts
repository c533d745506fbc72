import type { TablePlan } from './bulk-plan';

/** The attribute of a model that stands for a column. */
export function attributeIn({ columns, relations }: TablePlan, name: string): string {
  const relation = relations.find((each) => each.columns.includes(name));
  if (relation) return relation.attributes[relation.columns.indexOf(name)]!;
  return columns.find((column) => column.name === name)?.attribute ?? name;
}
