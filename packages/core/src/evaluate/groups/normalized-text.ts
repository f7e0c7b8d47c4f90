/**
 * The text without what an unimportant edit changes: Unicode form (NFKC), case, and the amount and
 * kind of white space. Texts that agree in this are the same example.
 */
export function normalizedText(text: string): string {
  // Lower case can break the composed form up, for example of "İ".
  return text.normalize("NFKC").toLowerCase().normalize("NFKC").replaceAll(/\s+/gu, " ").trim();
}
