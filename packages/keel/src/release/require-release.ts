import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryInterface } from 'sequelize';
import type { BackfillOptions } from '../backfill/backfill-options';
import { quoteLiteral } from '../db/quote';
import { KeelError } from '../errors';
import { compareReleases } from './compare-releases';
import { hasRows } from './has-rows';

/** Which release the sessions of an application must have at least. */
export interface ReleaseOptions {
  /** The application's name, the part of `application_name` before the `@`. */
  readonly application: string;
  /**
   * The oldest release that can do with what the migration makes, such as `2.14.0`. `undefined` is still to be written:
   * it is refused, unless {@link table} is empty.
   */
  readonly atLeast: string | undefined;
  /** A table that the migration is about: as long as it is empty, the release need not be told. */
  readonly table?: BackfillOptions['table'];
  /** For how long to wait for older sessions to go, in milliseconds; 0 where undefined. */
  readonly patience?: number;
  /**
   * For how long to look, in milliseconds; 0, that is once, where undefined. A pool of connections may have none for a
   * moment, and a look in that moment does not see its process.
   */
  readonly watch?: number;
}

/** A session of the application. */
interface Session {
  readonly pid: number;
  readonly name: string;
  readonly client: string;
  readonly since: string;
}

const LOOK_EVERY_MS = 500;

/**
 * Refuses to go on while sessions of an older release of an application are connected to the database. For migrations
 * that take away what the older release uses. The application tells its release by `application_name`, as
 * `<application>@<release>`; a session that only says `<application>` counts as older.
 *
 * @throws KeelError `OLD_RELEASE` with the sessions
 * @example
 * // config: dialectOptions: { application_name: `shop@${require('./package.json').version}` }
 * await requireRelease(queryInterface, { application: 'shop', atLeast: '2.14.0' });
 * await queryInterface.removeColumn('users', 'name');
 */
export async function requireRelease(
  queryInterface: QueryInterface,
  options: ReleaseOptions,
): Promise<void> {
  const { application, table, patience = 0, watch = 0 } = options;
  const isOpen = options.atLeast === undefined && table !== undefined;
  if (isOpen && !(await hasRows(queryInterface, table))) return;
  const atLeast = requireGiven(options);
  const begun = Date.now();
  let seenUntil = 0;
  for (;;) {
    const older = await readOlder(queryInterface, application, atLeast);
    const now = Date.now();
    if (older.length > 0) {
      if (now - begun >= patience) throw oldRelease(application, atLeast, older);
      seenUntil = now - begun;
    } else if (now - begun - seenUntil >= watch) return;
    await sleep(LOOK_EVERY_MS);
  }
}

function requireGiven({ application, atLeast }: ReleaseOptions): string {
  const isOrdered = atLeast !== undefined && compareReleases(atLeast, atLeast) !== undefined;
  if (isOrdered && application !== '') return atLeast;
  throw new KeelError(
    atLeast === undefined
      ? `requireRelease() is not told which release of "${application}" it has to wait for.`
      : `requireRelease() cannot compare releases with "${atLeast}" of "${application}".`,
    {
      code: 'RELEASE_INVALID',
      state: 'Nothing was changed by it.',
      hint: 'Write into the migration the name of the application, and a release that is numbers with points, such as 2.14.0.',
    },
  );
}

async function readOlder(
  { sequelize }: QueryInterface,
  application: string,
  atLeast: string,
): Promise<Session[]> {
  // Within a transaction PostgreSQL shows the sessions as they were when it was asked first.
  await sequelize.query('SELECT pg_catalog.pg_stat_clear_snapshot()');
  const [rows] = await sequelize.query(sessionsSql(application));
  return (rows as Session[]).filter(({ name }) => {
    const order = compareReleases(name.slice(application.length + 1), atLeast);
    return order === undefined || order < 0;
  });
}

// The name may be cut off at 63 bytes, as PostgreSQL does with that of a session.
function sessionsSql(application: string): string {
  const [name, prefix] = [application, `${application}@`].map(quoteLiteral);
  return `SELECT pid, application_name AS name, coalesce(host(client_addr), 'a local socket') AS client,
       to_char(backend_start, 'YYYY-MM-DD HH24:MI:SS TZ') AS since
  FROM pg_catalog.pg_stat_activity
 WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()
   AND (application_name = ${name} OR pg_catalog.starts_with(application_name, ${prefix}))
 ORDER BY backend_start, pid`;
}

function oldRelease(application: string, atLeast: string, older: readonly Session[]): KeelError {
  const shown = older.slice(0, 20);
  const more = older.length - shown.length;
  return new KeelError(
    `${older.length === 1 ? 'A session' : `${older.length} sessions`} of ${application} older than ${atLeast} ${older.length === 1 ? 'is' : 'are'} connected to the database.`,
    {
      code: 'OLD_RELEASE',
      details: [
        ...shown.map(
          ({ pid, name, client, since }) => `pid ${pid}: ${name} from ${client}, since ${since}`,
        ),
        ...(more > 0 ? [`and ${more} more`] : []),
      ],
      state: 'Nothing was changed by it.',
      hint: `Wait until that release is gone everywhere, then run the same command again.`,
    },
  );
}
