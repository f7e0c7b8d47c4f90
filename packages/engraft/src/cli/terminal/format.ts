import { shorten, visible } from "@engraft/core/escape";

/** As much of a text as fits a line; white space, also line ends, is one space. */
export function oneLine(text: string): string {
  const line = visible(text.slice(0, CONSIDERED).replace(/\s+/g, " "));
  return shorten(text.length > CONSIDERED ? `${line}…` : line, LINE);
}

const LINE = 80;

/** Of longer texts, no more than this is looked at. */
const CONSIDERED = 4_000;

/** `45.3 MB`, in powers of 1,000. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${units[power - 1]}`;
}
