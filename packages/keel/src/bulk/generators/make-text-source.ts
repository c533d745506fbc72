import type { TextForm } from './generator';
import type { ByteWriter } from './byte-writer';
import { ALPHABETS, codeLength, TEXT_FORMS, type Part, type TextBounds } from './text-forms';
import { proseText } from './prose-text';
import { draw32, drawBelow, type Key } from './random-draws';
import type { TextSource } from './text-source';
import { uniqueText } from './unique-text';
import { WordTable } from './word-table';
import { NOUNS } from './word-lists';

/** The texts of one column. Unique ones are a keyed permutation of all texts that the form can write. */
export function makeTextSource(
  form: TextForm,
  bounds: TextBounds,
  unique: boolean,
  key: Key,
): TextSource {
  const source = unique ? uniqueText(form, bounds, key) : plainText(form, bounds, key);
  return bounds.letters ? withLetters(source, bounds.letters) : source;
}

/** The longest text that a form writes, without a number that would make it unique. */
export function longestOf(form: TextForm): number {
  const parts = TEXT_FORMS[form];
  return parts ? parts.reduce((sum, part) => sum + partLength(part), 0) : 0;
}

function partLength(part: Part): number {
  if (typeof part === 'string') return part.length;
  return 'digits' in part ? part.digits : Math.max(...part.map((word) => word.length));
}

function plainText(form: TextForm, bounds: TextBounds, key: Key): TextSource {
  if (form === 'prose') return proseText(bounds, key);
  const alphabet = ALPHABETS[form];
  if (alphabet) return randomLetters(alphabet, codeLength(form, bounds), key);
  const parts = TEXT_FORMS[form] ?? [NOUNS];
  if (longestOf(form) > bounds.max) return proseText(bounds, key);
  const writers = parts.map((part, salt) => partWriter(part, salt, key));
  const fill = paddingTo(bounds.min, key);
  return {
    size: Math.max(longestOf(form), bounds.min) + 16,
    put: (writer, i) => {
      const start = writer.position;
      for (const write of writers) write(writer, i);
      if (bounds.min > 0) fill(writer, i, start);
    },
  };
}

function partWriter(part: Part, salt: number, key: Key): (writer: ByteWriter, i: number) => void {
  if (typeof part === 'string') {
    const table = new WordTable([part]);
    return (writer) => table.put(writer, 0);
  }
  if ('digits' in part) {
    const size = 10 ** part.digits;
    const least = part.padded ? 0 : 1;
    return (writer, i) => {
      const value = least + drawBelow(key, i, size - least, salt);
      if (part.padded)
        for (let unit = size / 10; unit > Math.max(value, 1); unit /= 10) writer.byte(48);
      writer.digits(value);
    };
  }
  const table = new WordTable(part);
  return (writer, i) => table.put(writer, drawBelow(key, i, table.size, salt));
}

/** Lengthens a text that is shorter than its column asks for, with letters. */
function paddingTo(min: number, key: Key): (writer: ByteWriter, i: number, start: number) => void {
  return (writer, i, start) => {
    for (let salt = 900; writer.position - start < min; salt += 1)
      writer.byte(97 + (draw32(key, i, salt) % 26));
  };
}

function randomLetters(alphabet: string, length: number, key: Key): TextSource {
  const codes = Buffer.from(alphabet, 'latin1');
  return {
    size: length,
    put: (writer, i) => {
      for (let at = 0; at < length; at += 1) writer.byte(codes[draw32(key, i, at) % codes.length]!);
    },
  };
}

function withLetters(source: TextSource, letters: 'lower' | 'upper'): TextSource {
  const [from, shift] = letters === 'lower' ? [65, 32] : [97, -32];
  return {
    size: source.size,
    put: (writer, i) => {
      const start = writer.position;
      source.put(writer, i);
      for (let at = start; at < writer.position; at += 1) {
        const code = writer.buffer[at]!;
        if (code >= from && code < from + 26) writer.buffer[at] = code + shift;
      }
    },
  };
}
