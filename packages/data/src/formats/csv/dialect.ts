/** How a CSV file is written. */
export interface CsvDialect {
  readonly delimiter: string;
  /** UTF-16 units before the header or first record: a line `sep=;`. */
  readonly skip: number;
  /** Says it where the delimiter is an uncommon one, or is named by the file. */
  readonly understood?: string;
}

/** Spreadsheets write and read this line; it names the delimiter. */
const SEPARATOR_LINE = /^sep=([^\w"\r\n])(?:\r\n|\r|\n)/i;

/** Delimiters that a header may have; of several, the one that it has most often. */
const DELIMITERS = [",", ";", "\t"];

/** Tells the dialect of a `.csv` file by its first line that is not blank. */
export function detectDialect(text: string): CsvDialect {
  const named = SEPARATOR_LINE.exec(text);
  if (named !== null) {
    const delimiter = named[1]!;
    const understood = `is read with the delimiter ${shown(delimiter)}, which its first line names`;
    return { delimiter, skip: named[0].length, understood };
  }
  const header =
    text
      .trimStart()
      .replaceAll(/"(?:[^"]|"")*"/g, "")
      .split(/[\r\n]/, 1)[0] ?? "";
  const best = DELIMITERS.reduce((a, b) => (count(header, b) > count(header, a) ? b : a));
  if (count(header, best) === 0 && header.includes("|")) {
    return { delimiter: "|", skip: 0, understood: "is read with the delimiter |" };
  }
  return { delimiter: best, skip: 0 };
}

function shown(delimiter: string): string {
  return delimiter === "\t" ? "tab" : delimiter;
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1))
    found += 1;
  return found;
}
