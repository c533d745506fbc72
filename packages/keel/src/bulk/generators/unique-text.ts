import type { TextForm } from './generator';
import type { ByteWriter } from './byte-writer';
import {
  ALPHABETS,
  codeLength,
  ENDINGS,
  TEXT_FORMS,
  JOINTS,
  type Part,
  type TextBounds,
} from './text-forms';
import { permutationOf } from './permutation';
import type { Key } from './random-draws';
import type { TextSource } from './text-source';
import { WordTable } from './word-table';
import { NOUNS } from './word-lists';

const LARGEST_SPACE = 2 ** 52;

/** How many different texts a unique column of this form can hold; 2^52 stands for "no limit". */
export function textCapacity(form: TextForm, bounds: TextBounds): number {
  const alphabet = ALPHABETS[form];
  if (alphabet)
    return Math.min(LARGEST_SPACE, alphabet.length ** Math.min(codeLength(form, bounds), 40));
  const shape = uniqueShape(form, bounds);
  return shape ? shape.space : textCapacity('code', bounds);
}

interface UniqueShape {
  readonly tables: readonly WordTable[];
  readonly ending: string;
  readonly joint: string;
  readonly numbers: number;
  readonly space: number;
  readonly size: number;
}

/** Below this many texts a form is too short for a unique column, which then gets a code. */
const SMALLEST_SPACE = 1e7;

/** The words and the number of a unique form, as large as the column allows; undefined if it is too short. */
function uniqueShape(form: TextForm, bounds: TextBounds): UniqueShape | undefined {
  const parts = TEXT_FORMS[form === 'prose' ? 'title' : form] ?? [NOUNS];
  const ending = ENDINGS[form] ?? '';
  const joint = JOINTS[form] ?? ' ';
  const tables = wordsOf(parts, ending).map((part) => new WordTable(part));
  if (tables.every((table) => table.size === 1)) return undefined;
  const words = tables.reduce((sum, table) => sum + table.longest, 0);
  const combinations = tables.reduce((product, table) => product * table.size, 1);
  const room = bounds.max - words - joint.length - ending.length;
  if (room < 0) return undefined;
  const most = Math.min(10 ** Math.min(room, 9), LARGEST_SPACE / combinations);
  let numbers = 1;
  while (numbers * 10 <= most) numbers *= 10;
  const space = numbers * combinations;
  if (space < SMALLEST_SPACE) return undefined;
  return { tables, ending, joint, numbers, space, size: words + joint.length + 9 + ending.length };
}

/** The parts of a form without its own number, for which the unique one comes. */
function wordsOf(parts: readonly Part[], ending: string): (readonly string[])[] {
  const texts = parts.filter((part) => typeof part === 'string' || Array.isArray(part));
  return (texts as (string | readonly string[])[])
    .filter((part, at) => part !== ending && !(at === 0 && part === ' '))
    .map((part) => (typeof part === 'string' ? [part] : part));
}

/** Texts that are all different: a keyed permutation of everything that the form can write. */
export function uniqueText(form: TextForm, bounds: TextBounds, key: Key): TextSource {
  const alphabet = ALPHABETS[form];
  if (alphabet) return uniqueLetters(alphabet, codeLength(form, bounds), key);
  const shape = uniqueShape(form, bounds);
  if (!shape) return uniqueText('code', bounds, key);
  const { tables, ending, joint, numbers } = shape;
  const order = permutationOf(shape.space, key);
  const ends = new WordTable([ending, joint]);
  return {
    size: Math.max(shape.size, bounds.min) + 16,
    put: (writer, i) => {
      const start = writer.position;
      let rest = order.at(i);
      for (const table of tables) {
        const next = Math.floor(rest / table.size);
        table.put(writer, rest - next * table.size);
        rest = next;
      }
      ends.put(writer, 1);
      writer.digits(rest % numbers);
      ends.put(writer, 0);
      if (writer.position - start < bounds.min) padUnique(writer, start, bounds.min, ending.length);
    },
  };
}

/** Letters between the number and the ending: no two numbers become equal by them. */
function padUnique(writer: ByteWriter, start: number, min: number, ending: number): void {
  const missing = min - (writer.position - start);
  const { buffer, position } = writer;
  buffer.copyWithin(position - ending + missing, position - ending, position);
  buffer.fill(120, position - ending, position - ending + missing);
  writer.position = position + missing;
}

function uniqueLetters(alphabet: string, length: number, key: Key): TextSource {
  const codes = Buffer.from(alphabet, 'latin1');
  const space = Math.min(LARGEST_SPACE, codes.length ** Math.min(length, 40));
  const order = permutationOf(space, key);
  return {
    size: length,
    put: (writer, i) => {
      let rest = order.at(i);
      for (let at = 0; at < length; at += 1) {
        const next = Math.floor(rest / codes.length);
        writer.byte(codes[rest - next * codes.length]!);
        rest = next;
      }
    },
  };
}
