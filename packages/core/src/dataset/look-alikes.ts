/** A label, and how many examples have it. */
export interface CountedLabel {
  readonly label: string;
  readonly examples: number;
}

/** Labels that a reader may take for one another, and that are different to a program. */
export type LookAlikeLabels = readonly CountedLabel[];

/**
 * Labels that differ only in what a reader hardly sees: case, invisible characters, kinds of white
 * space, the Unicode form of accents, quotes around them, punctuation at their end, kinds of dashes,
 * and Cyrillic or Greek letters that look like Latin ones. They stay different labels.
 *
 * @returns Groups of two labels or more, in the order of their first labels.
 */
export function lookAlikeLabels(labels: readonly CountedLabel[]): LookAlikeLabels[] {
  const groups = new Map<string, CountedLabel[]>();
  for (const counted of labels) {
    const key = appearanceOf(counted.label);
    const group = groups.get(key);
    if (group) group.push(counted);
    else groups.set(key, [counted]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

/** How often each label occurs, in the order of first occurrence. */
export function countLabels(labels: Iterable<string>): CountedLabel[] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Array.from(counts, ([label, examples]) => ({ label, examples }));
}

/** The labels among some that look like another one, and are not the same. */
export function lookAlikesOf(label: string, labels: readonly string[]): string[] {
  const key = appearanceOf(label);
  return labels.filter((other) => other !== label && appearanceOf(other) === key);
}

/** Equal for labels that look alike. */
function appearanceOf(label: string): string {
  const visible = label
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}|\p{Cc}/gu, "")
    .replace(/\p{Pd}|\u2212/gu, "-")
    .replace(/\s+/gu, " ");
  const bare = visible
    .replace(/^[\s"'`\p{Pi}\p{Pf}„‚«»]+|[\s"'`\p{Pi}\p{Pf}„‚«».,;:!?…。、]+$/gu, "")
    .toLowerCase()
    .normalize("NFC");
  // Of a label that is nothing but punctuation, all of it counts.
  return bare === "" ? visible : bare.replace(/./gu, (letter) => LATIN.get(letter) ?? letter);
}

/** Lower-case Cyrillic and Greek letters that look like Latin ones (Unicode's confusables.txt). */
const LATIN: ReadonlyMap<string, string> = new Map([
  ...pairs("абеорсухіјѕһԁԛԝ", "a6eopcyxijshdqw"),
  ...pairs("αιονρυ", "aiovpu"),
]);

function pairs(from: string, to: string): [string, string][] {
  return Array.from(from, (letter, index) => [letter, to[index]!]);
}

/**
 * A label with every character that is no printable ASCII written as its code point, so that labels
 * that look alike can be told apart: `"<U+200B>billing"`.
 */
export function spellOut(label: string): string {
  const spelled = label.replace(/[^ -~]/gu, (character) => `<${codePoint(character)}>`);
  return `"${spelled}"`;
}

/** The code points of a label: `["U+0062", "U+0069"]`. */
export function codePointsOf(label: string): string[] {
  return Array.from(label, codePoint);
}

function codePoint(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}
