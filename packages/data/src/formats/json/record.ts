import { readNumber } from "../../cells/number-literal.js";
import { memberValue, type Span } from "./scan.js";

/** One row of a JSON file: its values by column, and where they stand. */
export interface JsonRecord {
  /** The line, or the number of the row, from 1. */
  readonly position: number;
  readonly columns: readonly string[];
  /** The value of a column; `undefined` where the row has none. */
  value(column: string): unknown;
  /** Where that value stands in the text that the record was read from. */
  span(column: string): Span | undefined;
}

/** What stands where a row was expected. */
export interface BadRecord {
  readonly position: number;
  readonly problem: string;
}

/** What a number has of which a double, were it a whole number, could have lost digits. */
const LONG_NUMBER = /[\d.]{16}|\de[-+]?\d/i;

/**
 * The record of an object of JSON.
 *
 * @throws SyntaxError when the text there is not valid JSON.
 */
export function objectRecord(text: string, span: Span, position: number): JsonRecord | BadRecord {
  const source = text.slice(span.start, span.end);
  const object: unknown = JSON.parse(source);
  if (typeof object !== "object" || object === null || Array.isArray(object)) {
    return { position, problem: 'is not a JSON object such as {"text": "...", "label": "..."}' };
  }
  const values = object as Readonly<Record<string, unknown>>;
  const spanOf = (column: string) => memberValue(text, span.start, column);
  return {
    position,
    columns: Object.keys(values),
    span: spanOf,
    value(column) {
      const value = Object.hasOwn(values, column) ? values[column] : undefined;
      const isPlain =
        typeof value !== "number" || (Number.isSafeInteger(value) && !LONG_NUMBER.test(source));
      return isPlain ? value : exactValue(text, spanOf(column));
    },
  };
}

/** The record of values that stand apart. */
export function cellsRecord(
  text: string,
  cells: ReadonlyMap<string, Span>,
  position: number,
): JsonRecord {
  return {
    position,
    columns: [...cells.keys()],
    span: (column) => cells.get(column),
    value: (column) => exactValue(text, cells.get(column)),
  };
}

function exactValue(text: string, span: Span | undefined): unknown {
  if (span === undefined) return undefined;
  const source = text.slice(span.start, span.end);
  const value: unknown = JSON.parse(source);
  return typeof value === "number" ? readNumber(source) : value;
}
