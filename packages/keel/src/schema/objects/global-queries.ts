import { isOwn, isUserNamespace } from '../catalog';

/** Objects that live in no schema, and extended statistics. */
export function globalQueries(serverVersion: number): string[] {
  return [
    languagesQuery,
    transformsQuery,
    accessMethodsQuery,
    eventTriggersQuery,
    statisticsQuery(serverVersion),
    wrappersQuery,
    serversQuery,
    mappingsQuery,
    ...publicationQueries(serverVersion),
  ];
}

/** With the columns that every one of these queries has; `drop` follows DROP. */
function one(
  catalog: string,
  kind: string,
  name: string,
  create: string,
  drop = `'${kind.toUpperCase()} ' || quote_ident(o.${name})`,
): string {
  return `
  SELECT '${catalog}'::regclass::oid AS class, o.oid AS oid, '${kind}' AS kind, ''::text AS schema, o.${name}::text AS name, o.${name}::text AS identity,
    ${create} AS create, 'DROP ' || ${drop} AS drop
  FROM ${catalog} o WHERE o.oid >= 16384 AND ${isOwn(catalog, 'o.oid')}`;
}

const options = (list: string): string =>
  `(SELECT ' OPTIONS (' || string_agg(format('%I %L', option_name, option_value), ', ' ORDER BY option_name) || ')' FROM pg_options_to_table(${list}))`;

const languagesQuery = one(
  'pg_language',
  'language',
  'lanname',
  `ARRAY[format('CREATE %sLANGUAGE %I', CASE WHEN o.lanpltrusted THEN 'TRUSTED ' END, o.lanname) || concat(' HANDLER ' || NULLIF(o.lanplcallfoid::oid, 0)::regproc,
      ' INLINE ' || NULLIF(o.laninline::oid, 0)::regproc, ' VALIDATOR ' || NULLIF(o.lanvalidator::oid, 0)::regproc)]`,
).replace('WHERE ', 'WHERE o.lanispl AND ');

const transformsQuery = `
  SELECT 'pg_transform'::regclass::oid, o.oid, 'transform', ''::text, identity, identity,
    ARRAY['CREATE TRANSFORM ' || identity || ' (' || concat_ws(', ', 'FROM SQL WITH FUNCTION ' || NULLIF(o.trffromsql::oid, 0)::regprocedure,
      'TO SQL WITH FUNCTION ' || NULLIF(o.trftosql::oid, 0)::regprocedure) || ')'], 'DROP TRANSFORM ' || identity
  FROM pg_transform o JOIN pg_language l ON l.oid = o.trflang
  CROSS JOIN LATERAL (SELECT format('FOR %s LANGUAGE %I', format_type(o.trftype, NULL), l.lanname) AS identity) i
  WHERE ${isOwn('pg_transform', 'o.oid')}`;

const accessMethodsQuery = one(
  'pg_am',
  'access method',
  'amname',
  `ARRAY[format('CREATE ACCESS METHOD %I TYPE %s HANDLER %s', o.amname, CASE o.amtype WHEN 't' THEN 'TABLE' ELSE 'INDEX' END, o.amhandler)]`,
);

const eventTriggersQuery = one(
  'pg_event_trigger',
  'event trigger',
  'evtname',
  `array_remove(ARRAY[concat(format('CREATE EVENT TRIGGER %I ON %s', o.evtname, o.evtevent),
      ' WHEN TAG IN (' || (SELECT string_agg(quote_literal(t), ', ') FROM unnest(o.evttags) t) || ')', format(' EXECUTE PROCEDURE %s()', o.evtfoid::regproc)),
      format('ALTER EVENT TRIGGER %I %s', o.evtname, CASE o.evtenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' END)],
      format('ALTER EVENT TRIGGER %I ', o.evtname))`,
);

function statisticsQuery(serverVersion: number): string {
  const target =
    serverVersion >= 130000
      ? ` || CASE WHEN o.stxstattarget >= 0 THEN ARRAY[format('ALTER STATISTICS %I.%I SET STATISTICS %s', n.nspname, o.stxname, o.stxstattarget)] ELSE '{}' END`
      : '';
  return `
  SELECT 'pg_statistic_ext'::regclass::oid, o.oid, 'statistics', n.nspname::text, o.stxname::text, o.stxname::text,
    ARRAY[coalesce(replace(pg_get_statisticsobjdef(o.oid), ' ON ' || cols.by_number, ' ON ' || cols.by_name),
      pg_get_statisticsobjdef(o.oid))]${target}, format('DROP STATISTICS %I.%I', n.nspname, o.stxname)
  FROM pg_statistic_ext o JOIN pg_namespace n ON n.oid = o.stxnamespace
  CROSS JOIN LATERAL (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS by_number,
      string_agg(quote_ident(attname), ', ' ORDER BY attname) AS by_name
    FROM pg_attribute WHERE attrelid = o.stxrelid AND attnum = ANY (o.stxkeys::int2[])) cols
  WHERE ${isUserNamespace('n')} AND ${isOwn('pg_statistic_ext', 'o.oid')}`;
}

const wrappersQuery = one(
  'pg_foreign_data_wrapper',
  'foreign-data wrapper',
  'fdwname',
  `ARRAY[format('CREATE FOREIGN DATA WRAPPER %I', o.fdwname) || concat(' HANDLER ' || NULLIF(o.fdwhandler, 0)::regproc,
      ' VALIDATOR ' || NULLIF(o.fdwvalidator, 0)::regproc, ${options('o.fdwoptions')})]`,
  `'FOREIGN DATA WRAPPER ' || quote_ident(o.fdwname)`,
);

const serversQuery = one(
  'pg_foreign_server',
  'server',
  'srvname',
  `ARRAY[format('CREATE SERVER %I', o.srvname) || concat(' TYPE ' || quote_literal(o.srvtype), ' VERSION ' || quote_literal(o.srvversion),
      ' FOREIGN DATA WRAPPER ' || (SELECT quote_ident(w.fdwname) FROM pg_foreign_data_wrapper w WHERE w.oid = o.srvfdw), ${options('o.srvoptions')})]`,
);

/**
 * Without the values of the options, which are secrets: the names alone are compared, where the role may see them. It may
 * read the view, and not pg_user_mapping.
 */
const mappingsQuery = `
  SELECT to_regclass('pg_catalog.pg_user_mapping')::oid, m.umid, 'user mapping', ''::text, identity, identity,
    ARRAY[CASE WHEN m.umoptions IS NULL AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
      THEN 'CREATE USER MAPPING FOR ' || identity
      ELSE format('-- CREATE USER MAPPING FOR %s OPTIONS (%s)', identity, (SELECT string_agg(quote_ident(option_name), ', ' ORDER BY option_name)
        FROM pg_options_to_table(m.umoptions))) END], 'DROP USER MAPPING FOR ' || identity
  FROM pg_user_mappings m
  CROSS JOIN LATERAL (SELECT format('%s SERVER %I', CASE m.umuser WHEN 0 THEN 'PUBLIC' ELSE quote_ident(m.usename) END, m.srvname) AS identity) i`;

function publicationQueries(serverVersion: number): string[] {
  if (serverVersion < 100000) return [];
  const root = serverVersion >= 130000 ? `, ', publish_via_partition_root = true' FROM_ROOT` : '';
  const via =
    root === '' ? '' : `CASE WHEN o.pubviaroot THEN ', publish_via_partition_root = true' END,`;
  const generated =
    serverVersion >= 180000
      ? `CASE o.pubgencols WHEN 's' THEN ', publish_generated_columns = stored' END,`
      : '';
  const parts =
    serverVersion >= 150000
      ? `concat(CASE WHEN pr.prattrs IS NOT NULL THEN (SELECT format(' (%s)', string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum))
          FROM pg_attribute a WHERE a.attrelid = pr.prrelid AND a.attnum = ANY (pr.prattrs)) END, ' WHERE (' || pg_get_expr(pr.prqual, pr.prrelid) || ')')`
      : `''`;
  const schemas =
    serverVersion >= 150000
      ? ` || ARRAY(SELECT format('ALTER PUBLICATION %I ADD TABLES IN SCHEMA %I', o.pubname, n.nspname)
      FROM pg_publication_namespace pn JOIN pg_namespace n ON n.oid = pn.pnnspid WHERE pn.pnpubid = o.oid ORDER BY 1)`
      : '';
  const publish = [
    ['insert', 'pubinsert'],
    ['update', 'pubupdate'],
    ['delete', 'pubdelete'],
    ...(serverVersion >= 110000 ? [['truncate', 'pubtruncate']] : []),
  ]
    .map(([word, column]) => `CASE WHEN o.${column ?? ''} THEN '${word ?? ''}' END`)
    .join(', ');
  return [
    one(
      'pg_publication',
      'publication',
      'pubname',
      `ARRAY[format('CREATE PUBLICATION %I%s WITH (publish = %L', o.pubname, CASE WHEN o.puballtables THEN ' FOR ALL TABLES' END,
        concat_ws(', ', ${publish})) || concat(${via} ${generated} ')')]
      || ARRAY(SELECT format('ALTER PUBLICATION %I ADD TABLE ONLY %I.%I%s', o.pubname, n.nspname, c.relname, ${parts})
      FROM pg_publication_rel pr JOIN pg_class c ON c.oid = pr.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE pr.prpubid = o.oid ORDER BY 1)${schemas}`,
    ),
  ];
}
