import type { ByteWriter } from './byte-writer';

/** What {@link ByteWriter.copyAscii} may read behind the last word. */
const PADDING = ' '.repeat(7);

/** A list of words as one run of bytes. All words are ASCII: a character is a byte. */
export class WordTable {
  readonly size: number;
  readonly longest: number;
  private readonly bytes: DataView;
  private readonly starts: Uint32Array;

  constructor(readonly words: readonly string[]) {
    this.size = words.length;
    const bytes = Buffer.from(words.join('') + PADDING, 'latin1');
    this.bytes = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.starts = new Uint32Array(words.length + 1);
    words.forEach((word, index) => (this.starts[index + 1] = this.starts[index]! + word.length));
    this.longest = Math.max(0, ...words.map((word) => word.length));
  }

  put(writer: ByteWriter, index: number): void {
    writer.copyAscii(this.bytes, this.starts[index]!, this.starts[index + 1]!);
  }
}
