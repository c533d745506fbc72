import { chooseEncoder } from '../generators/choose-encoder';
import type { BinaryEncoder } from '../generators/binary-encoder';
import { formatValues } from '../generators/format-values';
import type { Values } from '../generators/values-of';
import type { PgType } from '../generators/pg-type';

/** A column as functions of the row's number. */
export interface ColumnProgram {
  readonly name: string;
  readonly type: PgType;
  /** As PostgreSQL reads it; null is NULL. */
  text(i: number): string | null;
  /** For COPY's binary format; undefined where the type has no encoder. */
  readonly binary: BinaryEncoder | undefined;
}

/** Where a column's values come from. */
export interface Column {
  readonly isNull: ((i: number) => boolean) | undefined;
  readonly values: Values;
  /** The row of the values that row `i` takes: the parent's, for a relation. */
  readonly row: ((i: number) => number) | undefined;
  readonly fixed: readonly (string | null | undefined)[];
}

/** Makes a column's functions from where its values come from. */
export function columnProgram(name: string, type: PgType, source: Column): ColumnProgram {
  const { isNull, values, row, fixed } = source;
  const text = formatValues(values, type);
  const binary = chooseEncoder(values, type);
  const given =
    fixed.length === 0
      ? binary
      : chooseEncoder({ kind: 'string', at: (i) => fixed[i] ?? null }, type);
  return {
    name,
    type,
    text: (i) => {
      const value = fixed[i];
      if (value !== undefined) return value;
      if (isNull?.(i)) return null;
      return text(row ? row(i) : i);
    },
    binary: binary && given && combineBinary(source, binary, given),
  };
}

function combineBinary(
  source: Column,
  generated: BinaryEncoder,
  given: BinaryEncoder,
): BinaryEncoder {
  const { isNull, row, fixed } = source;
  if (!isNull && !row && fixed.length === 0) return generated;
  return {
    size: Math.max(generated.size, given.size),
    write: (writer, i) => {
      if (i < fixed.length && fixed[i] !== undefined) given.write(writer, i);
      else if (isNull?.(i)) writer.int32(-1);
      else generated.write(writer, row ? row(i) : i);
    },
  };
}
