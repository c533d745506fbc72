import { quoteLiteral } from '../../db/quote';

/** What a session may carry from one file into the next. */
export interface SessionState {
  /** Settings, role, locks, temporary tables and the like, in one text to be compared. */
  readonly state: string;
  /** The values of the settings that were asked for by name. */
  readonly custom: string;
  /** The role that SET ROLE chose, or `none`. */
  readonly role: string;
}

/**
 * SQL for the state of a session, to be asked outside of a transaction. What a transaction sets for itself
 * (`SET LOCAL`, `set_config(…, true)`) is gone there, whoever has set it.
 *
 * @param customSettings settings with a dot in their names, which pg_settings does not list
 * @param ignoreSearchPath where every statement sets the search_path anyway
 */
export function sessionStateSql(
  customSettings: Iterable<string>,
  { ignoreSearchPath }: { readonly ignoreSearchPath: boolean },
): string {
  const custom = [...customSettings].map(
    (name) => `pg_catalog.current_setting(${quoteLiteral(name)}, true)`,
  );
  return `SELECT pg_catalog.concat_ws(' ', session_user, pg_catalog.current_setting('role'),
      (SELECT pg_catalog.string_agg(name || '=' || coalesce(setting, ''), ' ' ORDER BY name)
         FROM pg_catalog.pg_settings WHERE source = 'session'${ignoreSearchPath ? " AND name <> 'search_path'" : ''}),
      CASE WHEN pg_catalog.pg_my_temp_schema() <> 0 THEN (SELECT pg_catalog.count(*)
         FROM pg_catalog.pg_class WHERE relnamespace = pg_catalog.pg_my_temp_schema()) ELSE 0 END,
      (SELECT pg_catalog.count(*) FROM pg_catalog.pg_locks
        WHERE locktype = 'advisory' AND pid = pg_catalog.pg_backend_pid()),
      (SELECT pg_catalog.count(*) FROM pg_catalog.pg_listening_channels()),
      (SELECT pg_catalog.count(*) FROM pg_catalog.pg_prepared_statements WHERE from_sql),
      (SELECT pg_catalog.count(*) FROM pg_catalog.pg_cursors WHERE is_holdable)) AS state,
    pg_catalog.concat(${custom.length > 0 ? custom.join(', ') : "''"}) AS custom,
    pg_catalog.current_setting('role') AS role`;
}
