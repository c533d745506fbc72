import type { BinaryEncoder } from './binary-encoder';

// Looked up once: these run many times a row.
const { floor, abs } = Math;

/** `numeric` is a list of digits to the base 10000, the decimal point between two of them. */
export function numericEncoder(at: (i: number) => number, scale: number): BinaryEncoder {
  const groups = Math.ceil(scale / 4);
  const lift = 10 ** (groups * 4 - scale);
  const digits = new Int16Array(16);
  return {
    size: 64,
    write: (writer, i) => {
      const value = at(i);
      // The fraction is widened to whole groups by itself: value * lift could pass 2^53.
      const unit = 10 ** scale;
      const whole = floor(abs(value) / unit);
      let fraction = (abs(value) - whole * unit) * lift;
      let count = 0;
      for (let group = 0; group < groups; group += 1) {
        digits[count++] = fraction % 10000;
        fraction = floor(fraction / 10000);
      }
      for (let rest = whole; rest > 0; rest = floor(rest / 10000)) digits[count++] = rest % 10000;
      let last = 0;
      while (last < count && digits[last] === 0) last += 1;
      let first = count;
      while (first > last && digits[first - 1] === 0) first -= 1;
      writer.int32(8 + (first - last) * 2);
      writer.int16(first - last);
      writer.int16(first - last === 0 ? 0 : first - 1 - groups);
      writer.int16(value < 0 ? 0x4000 : 0);
      writer.int16(scale);
      for (let digit = first - 1; digit >= last; digit -= 1) writer.int16(digits[digit]!);
    },
  };
}
