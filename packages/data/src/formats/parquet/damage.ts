import { unreadable } from "../../problems.js";

/** A Parquet file says what cannot be, or asks for more memory than it may; the message says which. */
export class Damage extends Error {}

/** The error for a place in a Parquet file that cannot be read, whatever was thrown there. */
export function damaged(where: string, error: unknown): Error {
  const detail = error instanceof Error ? error.message : String(error);
  return unreadable(where, `is not a readable Parquet file (${detail})`, error);
}
