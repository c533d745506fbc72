import { text, type Code } from './code';
import { sqlLiteral } from './codegen-context';

const quotedTypes =
  /^(character varying|text|character|uuid|date|public\.citext|inet|cidr|macaddr)(\(\d+\))?$/;

/**
 * A default as the value that a person would give as `defaultValue`. Anything whose text PostgreSQL might
 * write differently afterwards is given as SQL, exactly as it is.
 *
 * @param expression as `pg_get_expr` writes it
 * @param type of the column, as `format_type` writes it
 */
export function defaultCode(expression: string, type: string, isEnum: boolean): Code {
  if (expression === 'true' || expression === 'false') return expression;
  if (expression === 'CURRENT_TIMESTAMP' || expression === 'now()') return sqlLiteral(expression);
  return (
    numberCode(expression) ??
    quotedCode(expression, type, isEnum) ??
    jsonCode(expression, type) ??
    sqlLiteral(expression)
  );
}

/** PostgreSQL writes negative numbers as `'-1'::integer`. */
function numberCode(expression: string): Code | undefined {
  const digits =
    /^\d+(?:\.\d+)?$/.exec(expression)?.[0] ??
    /^'(-\d+)'::integer$/.exec(expression)?.[1] ??
    /^'(-\d+\.\d+)'::numeric$/.exec(expression)?.[1];
  return digits !== undefined && String(Number(digits)) === digits ? digits : undefined;
}

function quotedCode(expression: string, type: string, isEnum: boolean): Code | undefined {
  const match = /^'((?:[^'\\]|'')*)'::(.+)$/.exec(expression);
  const [, value, cast] = match ?? [];
  if (value === undefined || cast === undefined || value.includes('\n')) return undefined;
  const isPlain = isEnum
    ? cast === type
    : quotedTypes.test(type) &&
      cast === type.replace(/\(\d+\)$/, '').replace(/^character$/, 'bpchar');
  return isPlain ? text(value.replaceAll("''", "'")) : undefined;
}

function jsonCode(expression: string, type: string): Code | undefined {
  if (expression === `'{}'::${type}` && (type === 'json' || type === 'jsonb')) return '{}';
  return expression === `'[]'::${type}` && (type === 'json' || type === 'jsonb') ? '[]' : undefined;
}
