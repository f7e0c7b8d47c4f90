/** A number that a double cannot hold, as it is written: `12345678901234567890`. */
export class NumberLiteral {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The largest exponent whose digits are compared; a double ends at 308. */
const MAX_EXPONENT = 1e6;

/**
 * Reads a number of JSON. Integers beyond 2^53, and other numbers of which a double would lose digits,
 * stay as they are written.
 *
 * @param source - A number in the grammar of JSON.
 */
export function readNumber(source: string): number | NumberLiteral {
  const value = Number(source);
  const isInteger = /^-?\d+$/.test(source);
  const isExact = isInteger
    ? Number.isSafeInteger(value)
    : Number.isFinite(value) && canonical(source) === canonical(String(value));
  return isExact ? value : new NumberLiteral(source);
}

/** The significant digits and their exponent: the same for `1.50`, `15e-1` and `1.5`. */
function canonical(source: string): string {
  const [, sign = "", whole = "", fraction = "", power = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(source) ?? [];
  const digits = whole + fraction;
  let start = 0;
  let end = digits.length;
  while (start < end && digits[start] === "0") start += 1;
  while (end > start && digits[end - 1] === "0") end -= 1;
  if (start === end) return "0";
  const exponent = Math.max(-MAX_EXPONENT, Math.min(MAX_EXPONENT, Number(power)));
  return `${sign}${digits.slice(start, end)}e${exponent - fraction.length + digits.length - end}`;
}
