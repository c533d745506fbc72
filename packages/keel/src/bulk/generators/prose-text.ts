import type { ByteWriter } from './byte-writer';
import type { TextBounds } from './text-forms';
import { draw32, drawBelow, type Key } from './random-draws';
import type { TextSource } from './text-source';
import { WordTable } from './word-table';
import { SENTENCES } from './word-lists';

const TABLE = new WordTable(SENTENCES);
const BITS = Math.log2(SENTENCES.length);
const MASK = SENTENCES.length - 1;

/** Sentences, of a length between the bounds. */
export function proseText({ min, max }: TextBounds, key: Key): TextSource {
  const least = Math.min(Math.max(min, 1), max);
  return {
    size: max + 2 * TABLE.longest + 8,
    put: (writer, i) => {
      const start = writer.position;
      const length = least + drawBelow(key, i, max - least + 1, 7);
      const end = start + length;
      for (let salt = 16; writer.position < end; salt += 1) {
        const draw = draw32(key, i, salt);
        TABLE.put(writer, draw & MASK);
        TABLE.put(writer, (draw >>> BITS) & MASK);
      }
      endSentence(writer, start + least, end);
    },
  };
}

/** Ends running text with a full stop: after a whole word if one ends in [from, to), else in the middle of one. */
function endSentence(writer: ByteWriter, from: number, to: number): void {
  const { buffer } = writer;
  let stop = to - 1;
  while (stop >= from && buffer[stop] !== SPACE) stop -= 1;
  if (stop < from) stop = to - 1;
  if (buffer[stop - 1] === FULL_STOP && stop >= from) stop -= 1;
  buffer[stop] = FULL_STOP;
  writer.position = stop + 1;
}

const SPACE = 32;
const FULL_STOP = 46;
