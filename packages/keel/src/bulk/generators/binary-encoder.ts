import type { ByteWriter } from './byte-writer';

/** Writes the value of row `i`, with its length in front, as COPY's binary format has it. */
export interface BinaryEncoder {
  /** The most bytes that {@link write} needs without reserving for itself. */
  readonly size: number;
  write(writer: ByteWriter, i: number): void;
}
