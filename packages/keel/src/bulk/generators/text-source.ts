import type { ByteWriter } from './byte-writer';

/** Writes the text of row `i`; at most `size` bytes. */
export interface TextSource {
  readonly size: number;
  put(this: void, writer: ByteWriter, i: number): void;
}
