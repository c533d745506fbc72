import { isOwn, isUserNamespace } from '../catalog';

function one(kind: string, catalog: string, prefix: string, options: string): string {
  const sql = kind.toUpperCase();
  return `
  SELECT '${catalog}'::regclass::oid AS class, o.oid AS oid, '${kind}' AS kind, n.nspname::text AS schema, o.${prefix}name::text AS name,
    o.${prefix}name::text AS identity, ARRAY[format('CREATE ${sql} %I.%I (', n.nspname, o.${prefix}name) || ${options} || ')'] AS create,
    format('DROP ${sql} %I.%I', n.nspname, o.${prefix}name) AS drop
  FROM ${catalog} o JOIN pg_namespace n ON n.oid = o.${prefix}namespace
  WHERE ${isUserNamespace('n')} AND ${isOwn(catalog, 'o.oid')}`;
}

const name = (catalog: string, prefix: string, oid: string): string =>
  `(SELECT format('%I.%I', xn.nspname, x.${prefix}name) FROM ${catalog} x JOIN pg_namespace xn ON xn.oid = x.${prefix}namespace WHERE x.oid = ${oid})`;

const parsers = one(
  'text search parser',
  'pg_ts_parser',
  'prs',
  `concat('START = ', o.prsstart, ', GETTOKEN = ', o.prstoken, ', END = ', o.prsend,
      ', HEADLINE = ' || NULLIF(o.prsheadline::oid, 0)::regproc, ', LEXTYPES = ', o.prslextype)`,
);

const templates = one(
  'text search template',
  'pg_ts_template',
  'tmpl',
  `concat('INIT = ' || NULLIF(o.tmplinit::oid, 0)::regproc || ', ', 'LEXIZE = ', o.tmpllexize)`,
);

const dictionaries = one(
  'text search dictionary',
  'pg_ts_dict',
  'dict',
  `concat('TEMPLATE = ', ${name('pg_ts_template', 'tmpl', 'o.dicttemplate')}, ', ' || NULLIF(o.dictinitoption, ''))`,
);

const configurations = one(
  'text search configuration',
  'pg_ts_config',
  'cfg',
  `concat('PARSER = ', ${name('pg_ts_parser', 'prs', 'o.cfgparser')})`,
).replace(
  '] AS create',
  `] || ARRAY(SELECT format('ALTER TEXT SEARCH CONFIGURATION %I.%I ADD MAPPING FOR %I WITH %s', n.nspname, o.cfgname, token.alias,
      string_agg(${name('pg_ts_dict', 'dict', 'm.mapdict')}, ', ' ORDER BY m.mapseqno))
      FROM pg_ts_config_map m JOIN LATERAL ts_token_type(o.cfgparser) token ON token.tokid = m.maptokentype
      WHERE m.mapcfg = o.oid GROUP BY token.alias ORDER BY token.alias) AS create`,
);

/** Text search parsers, templates, dictionaries and configurations. */
export const textSearchQueries: readonly string[] = [
  parsers,
  templates,
  dictionaries,
  configurations,
];
