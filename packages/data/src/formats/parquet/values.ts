import type { SchemaElement } from "hyparquet";
import { parseFloat16 } from "hyparquet/src/convert.js";
import { Unusable } from "../../cells/cells.js";
import { readNumber } from "../../cells/number-literal.js";
import { toHex } from "../../source/bytes.js";

/** Turns a value as Parquet stores it into what it means. */
export type ToCell = (stored: unknown) => unknown;

const NOT_UTF8 = new Unusable("bytes that are not UTF-8");
const A_TIME = new Unusable("a date or time");
const A_STRUCTURE = new Unusable("a value of a kind that is not read");

const utf8 = new TextDecoder("utf-8", { fatal: true });

const TIMES: ReadonlySet<string> = new Set([
  "DATE",
  "TIME",
  "TIMESTAMP",
  "TIME_MILLIS",
  "TIME_MICROS",
  "TIMESTAMP_MILLIS",
  "TIMESTAMP_MICROS",
  "INTERVAL",
]);

/**
 * How the values of a column are read: texts strictly as UTF-8, integers and decimals with all of their
 * digits. What is neither text, number nor truth value becomes a {@link Unusable} that says what it is.
 */
export function cellReader(element: SchemaElement): ToCell {
  const { type, converted_type: converted, logical_type: logical } = element;
  const meaning = logical?.type ?? converted ?? "";
  if (TIMES.has(meaning) || type === "INT96") return () => A_TIME;
  if (meaning === "DECIMAL") return decimalReader(element);
  if (meaning === "UUID") return (stored) => toUuid(stored as Uint8Array);
  if (meaning === "FLOAT16") return (stored) => parseFloat16(stored as Uint8Array);
  if (["BSON", "VARIANT", "GEOMETRY", "GEOGRAPHY"].includes(meaning)) return () => A_STRUCTURE;
  if (type === "BYTE_ARRAY") return toText;
  if (type === "FIXED_LEN_BYTE_ARRAY") return () => A_STRUCTURE;
  if (!isUnsigned(element)) return (stored) => stored;
  return type === "INT64"
    ? (stored) => BigInt.asUintN(64, stored as bigint)
    : (stored) => (stored as number) >>> 0;
}

function toText(stored: unknown): string | Unusable {
  try {
    return utf8.decode(stored as Uint8Array);
  } catch {
    return NOT_UTF8;
  }
}

function isUnsigned({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  if (logical?.type === "INTEGER") return !logical.isSigned;
  return converted?.startsWith("UINT_") === true;
}

/** Decimals are whole numbers, in bytes from the highest on, that stand for so many digits after the point. */
function decimalReader({ scale: plain = 0, logical_type: logical }: SchemaElement): ToCell {
  const scale = logical?.type === "DECIMAL" ? logical.scale : plain;
  if (!(Number.isInteger(scale) && scale >= 0 && scale <= MAX_SCALE)) return () => A_STRUCTURE;
  return (stored) => {
    const whole = stored instanceof Uint8Array ? toInteger(stored) : BigInt(stored as number);
    const digits = String(whole < 0n ? -whole : whole).padStart(scale + 1, "0");
    const point = digits.length - scale;
    const fraction = scale > 0 ? `.${digits.slice(point)}` : "";
    return readNumber(`${whole < 0n ? "-" : ""}${digits.slice(0, point)}${fraction}`);
  };
}

/** Decimals have at most 76 digits in 256 bits. */
const MAX_SCALE = 76;

function toInteger(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(8 * bytes.length, value);
}

function toUuid(bytes: Uint8Array): string {
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
