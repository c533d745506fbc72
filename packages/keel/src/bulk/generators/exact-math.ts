/*
 * ECMAScript leaves the last bits of Math.log, Math.exp and Math.pow to the engine, and V8 has
 * changed them before. Rows must be the same in every version, so the few places that need them
 * use these, which are built from IEEE 754's exact + - * / alone.
 */
const LN_2 = 0.6931471805599453;

/** The natural logarithm of a positive finite number. */
export function logarithm(x: number): number {
  let mantissa = x;
  let exponent = 0;
  while (mantissa > 1.5) {
    mantissa /= 2;
    exponent += 1;
  }
  while (mantissa < 0.75) {
    mantissa *= 2;
    exponent -= 1;
  }
  const z = (mantissa - 1) / (mantissa + 1);
  const square = z * z;
  let term = z;
  let sum = 0;
  for (let k = 1; k < 40; k += 2) {
    sum += term / k;
    term *= square;
  }
  return exponent * LN_2 + 2 * sum;
}

/** e to the power of x. */
export function exponential(x: number): number {
  const twos = Math.round(x / LN_2);
  const rest = x - twos * LN_2;
  let term = 1;
  let sum = 1;
  for (let k = 1; k < 20; k += 1) {
    term = (term * rest) / k;
    sum += term;
  }
  for (let k = 0; k < Math.abs(twos); k += 1) sum = twos > 0 ? sum * 2 : sum / 2;
  return sum;
}

/** `base` (positive) to the power of `exponent`. */
export function power(base: number, exponent: number): number {
  return exponential(exponent * logarithm(base));
}
