import { quoteLiteral } from '../../db/quote';

/**
 * SQL for the statements that drop what triggers a project has put on a table of keel's.
 *
 * @param table quoted
 */
export function triggersSql(table: string): string {
  return `SELECT pg_catalog.format('DROP TRIGGER %I ON %s;', tgname, ${quoteLiteral(table)}) AS drop
    FROM pg_catalog.pg_trigger WHERE NOT tgisinternal AND tgrelid = ${quoteLiteral(table)}::regclass`;
}
