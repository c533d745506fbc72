import type { PgType } from './pg-type';
import type { ByteWriter } from './byte-writer';

const TEXT_TYPES = new Set([
  'text',
  'varchar',
  'bpchar',
  'citext',
  'name',
  'json',
  'jsonb',
  'xml',
  'unknown',
]);

/** Whether a type's binary form is its text. */
export function isText(type: PgType): boolean {
  return type.kind === 'enum' || TEXT_TYPES.has(type.name);
}

/** Writes one value that is given as text; undefined where the type's binary form is not known here. */
export function stringWriter(
  type: PgType,
): ((writer: ByteWriter, text: string) => void) | undefined {
  if (type.name === 'jsonb') {
    return (writer, text) => {
      writer.byte(1);
      writer.text(text);
    };
  }
  if (isText(type)) return (writer, text) => writer.text(text);
  switch (type.name) {
    case 'bool':
      return (writer, text) => writer.byte(/^(t|true|1|y|yes|on)$/i.test(text) ? 1 : 0);
    case 'int2':
      return (writer, text) => writer.int16(Number(text));
    case 'int4':
      return (writer, text) => writer.int32(Number(text));
    case 'int8':
      return (writer, text) => {
        const value = BigInt(text);
        writer.int32(Number(BigInt.asIntN(32, value >> 32n)));
        writer.int32(Number(BigInt.asIntN(32, value)));
      };
    case 'uuid':
      return (writer, text) => {
        for (const byte of Buffer.from(text.replace(/[{}-]/g, ''), 'hex')) writer.byte(byte);
      };
    case 'float8':
      return (writer, text) => writer.float64(Number(text));
    case 'float4':
      return (writer, text) => writer.float32(Number(text));
    default:
      return undefined;
  }
}
