import type {
  AssociationEnd,
  ForeignKey,
  LinkKind,
  LinkMark,
  PageAssociation,
  PageLink,
  TableShape,
} from '../document/page-document';

/** What runs along one line. */
interface Line {
  readonly child: string;
  readonly childColumns: readonly string[];
  readonly parent: string;
  readonly parentColumns: readonly string[];
  foreignKey?: ForeignKey;
  readonly associations: { readonly association: PageAssociation; readonly first: boolean }[];
}

export interface LinkOptions {
  /** Whether there are models to have associations: without them no foreign key lacks one. */
  readonly hasModels: boolean;
}

/**
 * The lines between tables. What joins the same columns is one line: a foreign key, `belongsTo` on one side of
 * it and `hasMany` on the other.
 */
export function linkTables(
  tables: readonly TableShape[],
  associations: readonly PageAssociation[],
  { hasModels }: LinkOptions,
): PageLink[] {
  const shapes = new Map(tables.map((table) => [table.key, table]));
  const lines = collectLines(tables, associations, shapes);
  const reversed = junctionSides(associations, lines);
  return [...lines.values()]
    .sort((a, b) => compare(idOf(a), idOf(b)))
    .map((line): PageLink => {
      const { foreignKey } = line;
      const labels = line.associations
        .filter(({ first }) => first)
        .flatMap(({ association }) => association.label);
      const columns = shapes.get(line.child)?.columns ?? [];
      const own = columns.filter(({ name }) => line.childColumns.includes(name));
      const unique = own.length === 1 && own.every((column) => column.unique);
      const kind = kindOf(line, unique);
      return {
        id: idOf(line),
        kind,
        child: line.child,
        childColumns: line.childColumns,
        parent: line.parent,
        parentColumns: line.parentColumns,
        optional: own.some(({ notNull }) => !notNull),
        labels,
        marks: marksOf(line, { kind, unique, hasModels }),
        onUpdate: foreignKey?.onUpdate,
        onDelete: foreignKey?.onDelete,
        reversed: reversed.has(idOf(line)),
      };
    });
}

function collectLines(
  tables: readonly TableShape[],
  associations: readonly PageAssociation[],
  shapes: ReadonlyMap<string, TableShape>,
): Map<string, Line> {
  const lines = new Map<string, Line>();
  const lineOf = (line: Omit<Line, 'associations'>): Line => {
    const known = lines.get(idOf(line)) ?? { ...line, associations: [] };
    lines.set(idOf(line), known);
    return known;
  };
  for (const { key, foreignKeys } of tables) {
    for (const foreignKey of foreignKeys) {
      const { columns, parent, parentColumns } = foreignKey;
      if (!shapes.has(parent)) continue;
      lineOf({ child: key, childColumns: columns, parent, parentColumns }).foreignKey = foreignKey;
    }
  }
  for (const association of associations) {
    for (const [position, end] of association.ends.entries()) {
      if (!shapes.has(end.child) || !shapes.has(end.parent)) continue;
      lineOf(lineOfEnd(end)).associations.push({ association, first: position === 0 });
    }
  }
  return lines;
}

function lineOfEnd({ child, childColumn, parent, parentColumn }: AssociationEnd) {
  return { child, childColumns: [childColumn], parent, parentColumns: [parentColumn] };
}

/** Of a junction's two lines the one that is drawn the other way round. */
function junctionSides(
  associations: readonly PageAssociation[],
  lines: ReadonlyMap<string, Line>,
): Set<string> {
  const decided = new Set<string>();
  const reversed = new Set<string>();
  for (const { ends } of associations) {
    const [first, second] = ends.map((end) => idOf(lineOfEnd(end)));
    if (first === undefined || second === undefined || first === second) continue;
    if (decided.has(first) || decided.has(second)) continue;
    decided.add(first).add(second);
    if (lines.get(first)?.parent !== lines.get(second)?.parent) reversed.add(second);
  }
  return reversed;
}

function kindOf({ associations }: Line, unique: boolean): LinkKind {
  const has = (method: PageAssociation['method']): boolean =>
    associations.some(({ association }) => association.method === method);
  if (has('belongsToMany')) return 'N:M';
  if (has('hasMany')) return '1:N';
  return has('hasOne') || unique ? '1:1' : '1:N';
}

function marksOf(
  { foreignKey, associations }: Line,
  { kind, unique, hasModels }: LinkOptions & { readonly kind: LinkKind; readonly unique: boolean },
): LinkMark[] {
  const marks: LinkMark[] = [];
  if (associations.length === 0 && hasModels) marks.push('no association');
  if (foreignKey === undefined) marks.push('no foreign key');
  if (kind === '1:1' && !unique) marks.push('not unique');
  return marks;
}

function idOf(line: Omit<Line, 'associations'>): string {
  return JSON.stringify([line.child, line.childColumns, line.parent, line.parentColumns]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
