import { counted } from '../../format-count';
import pc from '../terminal/colours';
import type { TableCount } from '../../db/read-table-counts';
import type { RunResult } from '../../runner/results';

/** What a set-up comes to. */
export interface SetupResult {
  readonly migrations: RunResult;
  readonly seeders: RunResult;
  readonly tables: readonly TableCount[];
  readonly url: string;
}

/** What was applied, what is in the tables, and where to connect to. */
export function renderSetup({ migrations, seeders, tables, url }: SetupResult): string[] {
  const shown = tables.filter(({ table }) => !/^(SequelizeMeta|SequelizeData)$/.test(table));
  const width = Math.max(0, ...shown.map((count) => nameOf(count).length));
  return [
    '',
    `${counted(migrations.files.length, 'migration')} applied, ${counted(seeders.files.length, 'seeder')} run.`,
    '',
    pc.bold('Tables'),
    ...shown.map(
      (count) =>
        `  ${nameOf(count).padEnd(width)}  ${count.estimated ? 'about ' : ''}${counted(count.rows, 'row')}`,
    ),
    '',
    `${pc.bold('Connect to')} ${url}`,
  ];
}

function nameOf({ schema, table }: TableCount): string {
  return schema === 'public' ? table : `${schema}.${table}`;
}
