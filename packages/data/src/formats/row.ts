import type { Unpack } from "../home.js";
import type { Notices } from "../notices.js";
import type { NamedFile } from "../source/source.js";

/** One row of a data file: the values of the chosen columns, in their order, or why there are none. */
export type Row =
  | { readonly position: number; readonly values: readonly unknown[] }
  | { readonly position: number; readonly problem: string };

/**
 * Is told the columns of a file before its first row, and returns those whose values are wanted.
 * What it throws ends the reading.
 */
export type ChooseColumns = (columns: readonly string[]) => readonly string[];

/** Reads the rows of a data file, one after the other. */
export type RowReader = (
  file: NamedFile,
  choose: ChooseColumns,
  reading: RowReading,
) => AsyncGenerator<Row>;

/** How rows are read. */
export interface RowReading {
  /** The most UTF-16 units that one row may have. */
  readonly rowLength: number;
  /** Whether the first record of a CSV names the columns. Default true. */
  readonly header?: boolean | undefined;
  /** Told what was understood that is not plain. */
  readonly notices: Notices;
  /** Faster ways to unpack Parquet, by codec. */
  readonly unpackers?: ReadonlyMap<string, Unpack> | undefined;
}
