import type { ByteWriter } from './byte-writer';
import type { PgType } from './pg-type';
import type { BinaryEncoder } from './binary-encoder';
import { numericEncoder } from './numeric-encoder';
import { isText, stringWriter } from './text-to-binary';
import type { Values } from './values-of';

/** The binary encoder for values of a column; undefined where only PostgreSQL's text form will do. */
export function chooseEncoder(values: Values, type: PgType): BinaryEncoder | undefined {
  switch (values.kind) {
    case 'integer':
      return integerColumn(values.at, type);
    case 'float':
      if (type.name === 'float4') return fixed(4, (writer, i) => writer.float32(values.at(i)));
      if (type.name === 'float8') return fixed(8, (writer, i) => writer.float64(values.at(i)));
      return undefined;
    case 'decimal':
      return type.name === 'numeric' ? numericEncoder(values.at, values.scale) : undefined;
    case 'text':
      return isText(type) ? textColumn(values, type.name === 'jsonb') : undefined;
    case 'bytes':
      return type.name === 'bytea' ? textColumn(values, false) : undefined;
    case 'uuid':
      if (type.name !== 'uuid') return undefined;
      return fixed(16, (writer, i) => {
        for (const number of [0, 1, 2, 3] as const) writer.int32(values.word(i, number) | 0);
      });
    case 'string':
      return stringColumn(values, type);
    case 'array':
      return arrayColumn(values, type);
    case 'range':
      return rangeColumn(values, type);
  }
}

function fixed(length: number, put: (writer: ByteWriter, i: number) => void): BinaryEncoder {
  return {
    size: length + 4,
    write: (writer, i) => {
      writer.int32(length);
      put(writer, i);
    },
  };
}

function integerColumn(at: (i: number) => number, type: PgType): BinaryEncoder | undefined {
  switch (type.name) {
    case 'bool':
      return fixed(1, (writer, i) => writer.byte(at(i)));
    case 'int2':
      return fixed(2, (writer, i) => writer.int16(at(i)));
    case 'int4':
    case 'date':
      return fixed(4, (writer, i) => writer.int32(at(i)));
    case 'oid':
      return fixed(4, (writer, i) => writer.int32(at(i) | 0));
    case 'int8':
    case 'money':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return fixed(8, (writer, i) => writer.int64(at(i)));
    case 'timetz':
      return fixed(12, (writer, i) => {
        writer.int64(at(i));
        writer.int32(0);
      });
    case 'interval':
      return fixed(16, (writer, i) => {
        writer.int64(at(i) * 1_000_000);
        writer.int32(0);
        writer.int32(0);
      });
    case 'numeric':
      return numericEncoder(at, 0);
    default:
      return undefined;
  }
}

function textColumn(
  values: Extract<Values, { kind: 'text' | 'bytes' }>,
  versioned: boolean,
): BinaryEncoder {
  return {
    size: values.size + 64,
    write: (writer, i) => {
      const start = writer.beginLength();
      if (versioned) writer.byte(1);
      values.put(writer, i);
      writer.endLength(start);
    },
  };
}

/** The binary encoder for values that are given as PostgreSQL's text. */
function stringColumn(
  values: Extract<Values, { kind: 'string' }>,
  type: PgType,
): BinaryEncoder | undefined {
  const put = stringWriter(type);
  if (!put) return undefined;
  return {
    size: 32,
    write: (writer, i) => {
      const text = values.at(i);
      if (text === null) {
        writer.int32(-1);
        return;
      }
      const start = writer.beginLength();
      put(writer, text);
      writer.endLength(start);
    },
  };
}

function arrayColumn(
  values: Extract<Values, { kind: 'array' }>,
  type: PgType,
): BinaryEncoder | undefined {
  const element = type.element && chooseEncoder(values.element, type.element);
  if (!element || !type.element) return undefined;
  const oid = type.element.oid;
  return {
    size: 64 + element.size * values.most,
    write: (writer, i) => {
      const start = writer.beginLength();
      const length = values.length(i);
      writer.int32(length === 0 ? 0 : 1);
      writer.int32(0);
      writer.int32(oid | 0);
      if (length > 0) {
        writer.int32(length);
        writer.int32(1);
      }
      for (let n = 0; n < length; n += 1) element.write(writer, i * values.most + n);
      writer.endLength(start);
    },
  };
}

const LOWER_INCLUSIVE = 0x02;

function rangeColumn(
  values: Extract<Values, { kind: 'range' }>,
  type: PgType,
): BinaryEncoder | undefined {
  if (!type.element) return undefined;
  const bound = (at: (i: number) => number): BinaryEncoder | undefined =>
    values.element.kind === 'decimal'
      ? chooseEncoder({ kind: 'decimal', scale: values.element.scale, at }, type.element!)
      : integerColumn(at, type.element!);
  const lower = bound(values.lower);
  const upper = bound(values.upper);
  if (!lower || !upper) return undefined;
  return {
    size: 5 + lower.size + upper.size,
    write: (writer, i) => {
      const start = writer.beginLength();
      writer.byte(LOWER_INCLUSIVE);
      lower.write(writer, i);
      upper.write(writer, i);
      writer.endLength(start);
    },
  };
}
