import type { ByteWriter } from './bytes';
import type { TextBounds } from './forms';
import { draw32, drawBelow, type Key } from './random';
import type { TextSource } from './text-source';
import { SENTENCE_PARTS } from './words';

/** Sentences, of a length between the bounds. */
export function prose({ min, max }: TextBounds, key: Key): TextSource {
  const least = Math.min(Math.max(min, 1), max);
  return {
    size: max + 64,
    put: (writer, i) => {
      const start = writer.position;
      const length = least + drawBelow(key, i, max - least + 1, 7);
      const end = start + length;
      for (let salt = 16; writer.position < end; salt += 1) {
        // 12 + 6 bits and 12 bits for the four parts of a sentence, 6 more from the second draw.
        const first = draw32(key, i, salt);
        const second = draw32(key, i, salt + 4096);
        SENTENCE_PARTS[0]!.put(writer, first & 4095);
        SENTENCE_PARTS[1]!.put(writer, (first >>> 12) & 63);
        SENTENCE_PARTS[2]!.put(writer, second & 4095);
        SENTENCE_PARTS[3]!.put(writer, (second >>> 12) & 63);
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
