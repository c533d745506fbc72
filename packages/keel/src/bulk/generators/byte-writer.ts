// Looked up once: these run many times a row.
const { floor } = Math;

/** Encodes rows into one growing buffer, without an allocation per value. */
export class ByteWriter {
  buffer: Buffer;
  position = 0;
  private view: DataView;

  constructor(capacity: number) {
    this.buffer = Buffer.allocUnsafeSlow(capacity);
    this.view = new DataView(this.buffer.buffer);
  }

  /** Makes sure that `size` more bytes fit. */
  reserve(size: number): void {
    if (this.position + size <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.position + size));
    this.buffer.copy(larger, 0, 0, this.position);
    this.replace(larger);
  }

  /** Goes on at the start of another buffer. */
  replace(buffer: Buffer): void {
    this.buffer = buffer;
    this.view = new DataView(buffer.buffer);
  }

  byte(value: number): void {
    this.buffer[this.position++] = value;
  }

  int16(value: number): void {
    this.view.setInt16(this.position, value);
    this.position += 2;
  }

  int32(value: number): void {
    this.view.setInt32(this.position, value);
    this.position += 4;
  }

  /** A 64-bit integer from a number within +-2^53. */
  int64(value: number): void {
    this.view.setInt32(this.position, floor(value / 4294967296));
    this.view.setUint32(this.position + 4, value >>> 0);
    this.position += 8;
  }

  float32(value: number): void {
    this.view.setFloat32(this.position, value);
    this.position += 4;
  }

  float64(value: number): void {
    this.view.setFloat64(this.position, value);
    this.position += 8;
  }

  /** Leaves room for a 32-bit length; the answer goes to {@link endLength}. */
  beginLength(): number {
    this.position += 4;
    return this.position;
  }

  endLength(start: number): void {
    this.view.setInt32(start - 4, this.position - start);
  }

  /** The digits of a non-negative integer. */
  digits(value: number): void {
    let size = 1;
    for (let rest = value; rest >= 10; rest = floor(rest / 10)) size += 1;
    let rest = value;
    for (let at = this.position + size - 1; at >= this.position; at -= 1) {
      const next = floor(rest / 10);
      this.buffer[at] = 48 + (rest - next * 10);
      rest = next;
    }
    this.position += size;
  }

  /** Any text, as UTF-8; makes its own room, and a little for what follows. */
  text(value: string): void {
    this.reserve(value.length * 3 + 64);
    this.position += this.buffer.write(value, this.position, 'utf8');
  }

  /**
   * The ASCII bytes [from, to) of a table, eight at a time. Up to seven bytes more are read, and written where the
   * next value goes. No eight ASCII bytes are a NaN, which alone could change on its way through a number.
   */
  copyAscii(source: DataView, from: number, to: number): void {
    const target = this.view;
    let at = this.position;
    for (let index = from; index < to; index += 8) {
      target.setFloat64(at, source.getFloat64(index, true), true);
      at += 8;
    }
    this.position += to - from;
  }
}
