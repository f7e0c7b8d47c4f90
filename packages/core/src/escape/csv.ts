/** What spreadsheets take for a formula. A number is none. */
const FORMULA = /^'*[=+\-@\t\r]/;
const NUMBER = /^[+-]?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?$/i;

/**
 * A row of CSV that spreadsheets show as text. A cell that they would compute, as `=1+1`, gets an
 * apostrophe in front, which is their own sign for a text; one that begins with apostrophes and then
 * such a character gets one more, so the text can always be had back by {@link fromCsvCell}.
 */
export function csvRow(cells: readonly string[]): string {
  return cells.map(toCsvCell).map(quote).join(",");
}

/** The text that {@link csvRow} wrote as a cell. */
export function fromCsvCell(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}

function toCsvCell(text: string): string {
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}

function quote(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
