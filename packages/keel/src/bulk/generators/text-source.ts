import type { ByteWriter } from './bytes';

/** Writes the text of row `i`; at most `size` bytes. */
export interface TextSource {
  readonly size: number;
  put(this: void, writer: ByteWriter, i: number): void;
}
