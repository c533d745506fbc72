import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { lockKey } from './advisory-lock';
import { quoteIdentifier, quoteLiteral } from './quote';

/** What keel makes databases for: comparing, and tests. */
export type TemporaryKind = 'scratch' | 'kit';

/** The name of a temporary database: its owner, and a number where the owner has several. No other is dropped. */
const TEMPORARY = /^keel_(?:scratch|kit)_([0-9a-z]+_\d+_[0-9a-f]+)(?:_\d+)?$/;

const TEMPLATE = 'keel_template_';

/** After how many days without use a template goes. Making it again takes as long as the migrations do. */
const TEMPLATE_DAYS = 7;

const MARK = 'sequelize-keel, last used ';

/**
 * Becomes the owner of temporary databases for as long as the connection lives.
 *
 * The sign of life is an advisory lock: it goes with the connection, however the process ends, and every role sees
 * it from every database. A database by itself shows no sign of life between two connections to it.
 *
 * @returns what names the owner's databases, by number
 */
export async function ownDatabases(
  client: pg.Client,
  kind: TemporaryKind,
): Promise<(number: number) => string> {
  const owner = `${Date.now().toString(36)}_${process.pid}_${randomBytes(4).toString('hex')}`;
  // Unknown to a server before version 14, where no session ends for being idle.
  await client.query(
    `SELECT pg_catalog.set_config(name, '0', false) FROM (VALUES ('idle_session_timeout')) wanted (name)
      WHERE pg_catalog.current_setting(name, true) IS NOT NULL`,
  );
  await client.query(`SELECT pg_catalog.pg_advisory_lock(${lockKey('owner', owner)})`);
  return (number) => `keel_${kind}_${owner}_${number}`;
}

/** Drops this role's temporary databases whose owner is gone, and the templates that nobody has used for a week. */
export async function dropLeftovers(client: pg.Client): Promise<void> {
  const owners = await readOwners(client);
  const databases = await readIdleDatabases(client);
  const today = day();
  for (const { name, comment } of databases) {
    const owner = TEMPORARY.exec(name)?.[1];
    if (owner !== undefined && !owners.has(lockKey('owner', owner))) {
      await dropUnused(client, name);
    } else if (name.startsWith(TEMPLATE)) {
      const used = usedOn(comment);
      if (used === undefined) await noteUse(client, name);
      else if (today - used > TEMPLATE_DAYS) await dropUnused(client, name);
    }
  }
}

/** What the names of a project's templates begin with. */
export function templatePrefix(root: string): string {
  return `${TEMPLATE}${createHash('sha256').update(root).digest('hex').slice(0, 12)}_`;
}

/** Notes that a template is used today; once a day, since the note is a write to the server's catalog. */
export async function noteUse(client: pg.Client, name: string): Promise<void> {
  const { rows } = await client.query<{ comment: string | null }>(
    `SELECT pg_catalog.shobj_description(oid, 'pg_database') AS comment
       FROM pg_catalog.pg_database WHERE datname = $1`,
    [name],
  );
  if (usedOn(rows[0]?.comment ?? undefined) === day()) return;
  const date = new Date().toISOString().slice(0, 10);
  await client
    .query(`COMMENT ON DATABASE ${quoteIdentifier(name)} IS ${quoteLiteral(MARK + date)}`)
    .catch(() => undefined);
}

/**
 * Drops a project's templates.
 *
 * @param current one that stays
 * @returns how many there were
 */
export async function dropTemplates(
  client: pg.Client,
  root: string,
  current?: string,
): Promise<number> {
  const prefix = templatePrefix(root);
  const stale = (await readIdleDatabases(client)).filter(
    ({ name }) => name.startsWith(prefix) && name !== current,
  );
  for (const { name } of stale) await dropUnused(client, name);
  return stale.length;
}

/** Where somebody has connected to it meanwhile, or drops it as well, it is left to the next run. */
async function dropUnused(client: pg.Client, name: string): Promise<void> {
  await client.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`).catch(() => undefined);
}

interface OwnDatabase {
  readonly name: string;
  readonly comment: string | undefined;
}

/** keel's databases of the current role that nobody is connected to: DROP DATABASE would wait five seconds for those. */
async function readIdleDatabases(client: pg.Client): Promise<readonly OwnDatabase[]> {
  const { rows } = await client.query<{ name: string; comment: string | null }>(
    `SELECT d.datname AS name, pg_catalog.shobj_description(d.oid, 'pg_database') AS comment
       FROM pg_catalog.pg_database d
      WHERE d.datname LIKE 'keel\\_%' AND pg_catalog.pg_get_userbyid(d.datdba) = current_user
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid)`,
  );
  return rows.map(({ name, comment }) => ({ name, comment: comment ?? undefined }));
}

/** The keys of all advisory locks on the server. */
async function readOwners(client: pg.Client): Promise<ReadonlySet<bigint>> {
  const { rows } = await client.query<{ key: string }>(
    `SELECT DISTINCT ((classid::bigint << 32) | objid::bigint)::text AS key FROM pg_catalog.pg_locks
      WHERE locktype = 'advisory' AND objsubid = 1 AND granted`,
  );
  return new Set(rows.map(({ key }) => BigInt(key)));
}

/** The day of the last use, as days since 1970; undefined where nothing says it. */
function usedOn(comment: string | undefined): number | undefined {
  if (comment?.startsWith(MARK) !== true) return undefined;
  const time = Date.parse(comment.slice(MARK.length));
  return Number.isNaN(time) ? undefined : day(time);
}

function day(time = Date.now()): number {
  return Math.floor(time / 86_400_000);
}
