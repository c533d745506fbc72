import { quoteIdentifier } from '../../db/quote';
import type { TableProgram } from './compile-plan';

/** The condition under which a row is one of those whose keys were loaded. */
export function matchKey(program: TableProgram): string {
  return program.key
    .map(({ name }) => `own.${quoteIdentifier(name)} = made.${quoteIdentifier(name)}`)
    .join(' AND ');
}
