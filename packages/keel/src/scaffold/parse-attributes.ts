import { KeelError, NOTHING_WRITTEN } from '../errors';

/** One attribute of a model to be generated. */
export interface Attribute {
  readonly name: string;
  /** The name of the type in `DataTypes`; of the elements where it is an array. */
  readonly type: string;
  readonly array: boolean;
  /** The values of an enum; empty for other types. */
  readonly values: readonly string[];
}

/**
 * Reads `--attributes` as sequelize-cli does: `name:type`, `name:array:type` and `name:enum:{a, b}`, separated
 * by commas or spaces.
 *
 * @param isType whether `DataTypes` has a type of that name, which is given in capitals
 * @throws KeelError `INVALID_ATTRIBUTE` that names the attribute
 */
export function parseAttributes(text: string, isType: (name: string) => boolean): Attribute[] {
  const parts = text.match(/(?:\{[^}]*\}|[^,\s{])+/g) ?? [];
  if (parts.length === 0) throw invalid(text, 'there is none');
  return parts.map((part) => parseAttribute(part, isType));
}

function parseAttribute(text: string, isType: (name: string) => boolean): Attribute {
  const [name, first, second, ...rest] = text.split(':');
  if (!name || !first || rest.length > 0) throw invalid(text, 'it is not name:type');
  if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) {
    throw invalid(text, `'${name}' cannot be the name of a property`);
  }
  const outer = first.toUpperCase();
  if (second === undefined)
    return checked(text, { name, type: outer, array: false, values: [] }, isType);
  const values = /^\{(.*)\}$/s.exec(second)?.[1];
  if (outer === 'ARRAY' && values === undefined) {
    return checked(text, { name, type: second.toUpperCase(), array: true, values: [] }, isType);
  }
  if (outer === 'ENUM' && values !== undefined) {
    const list = values.split(',').map((value) => value.trim().replace(/^(['"])(.*)\1$/, '$2'));
    return checked(text, { name, type: outer, array: false, values: list }, isType);
  }
  throw invalid(text, 'only name:array:type and name:enum:{a,b} have three parts');
}

function checked(text: string, attribute: Attribute, isType: (name: string) => boolean): Attribute {
  if (isType(attribute.type)) return attribute;
  throw invalid(text, `Unknown type '${attribute.type.toLowerCase()}'`);
}

function invalid(text: string, why: string): KeelError {
  return new KeelError(`Attribute '${text}' cannot be parsed: ${why}`, {
    code: 'INVALID_ATTRIBUTE',
    state: NOTHING_WRITTEN,
    hint: 'Write them like this: --attributes "name:string,role:enum:{admin,guest},tags:array:string"',
  });
}
