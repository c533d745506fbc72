import { Op } from 'sequelize';
import type { QueryInterface, QueryOptions, WhereOptions } from 'sequelize';

/** The row's primary key: its `id`, or the two sides of a junction. */
type SeedRow = { readonly id: number } | { readonly studentId: number; readonly courseId: number };

/** Marks a row as seeded: the application's own rows are never this old. */
const seededAt = new Date('2025-01-01T00:00:00Z');

/** Inserts the rows that are not there yet and leaves the others as they are. */
export async function insertSeeds(
  queryInterface: QueryInterface,
  table: string,
  rows: readonly SeedRow[],
): Promise<void> {
  const records = rows.map((row) => ({ ...row, createdAt: seededAt, updatedAt: seededAt }));
  // ON CONFLICT DO NOTHING; the option is missing from the types of bulkInsert.
  const options: QueryOptions & { ignoreDuplicates: boolean } = { ignoreDuplicates: true };
  await queryInterface.bulkInsert(table, records, options);
  if (rows.some((row) => 'id' in row)) await advanceSequence(queryInterface, table);
}

/** Deletes the rows that {@link insertSeeds} inserted, also those that were edited since. */
export async function deleteSeeds(
  queryInterface: QueryInterface,
  table: string,
  rows: readonly SeedRow[],
): Promise<void> {
  const keys = rows.map((row): WhereOptions =>
    'id' in row ? { id: row.id } : { studentId: row.studentId, courseId: row.courseId },
  );
  await queryInterface.bulkDelete(table, { createdAt: seededAt, [Op.or]: keys });
}

/** A row with an explicit id does not move the sequence: without this, it would give the id again. */
async function advanceSequence(queryInterface: QueryInterface, table: string): Promise<void> {
  await queryInterface.sequelize.query(
    `SELECT setval('"${table}_id_seq"', max(id)) FROM "${table}"
     HAVING max(id) >= (SELECT last_value FROM "${table}_id_seq")`,
  );
}
