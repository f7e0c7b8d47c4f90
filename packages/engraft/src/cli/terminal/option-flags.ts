/** Options of the library that messages name, and the flags of the command line that set them. */
const FLAGS: ReadonlyMap<string, string> = new Map([
  ["columns.text", "--text"],
  ["columns.image", "--image"],
  ["columns.label", "--label"],
  ["header: false", "--no-header"],
  ["imageFolder", "--image-folder"],
  ["maxImagePixels", "--max-pixels"],
  ["skipBad", "--skip-bad"],
  ["keepExamples", "without --no-examples"],
  ["oldData", "--data <folder>"],
  ["unlabelled", "--unlabelled"],
  ["classShares", "--shares"],
  ["keepUnlabelled", "--keep-unlabelled"],
  ["descriptions", "--describe"],
  ["labels", "--labels"],
  ["fineTune", "--fine-tune"],
  ["maxTokens", "--max-tokens"],
]);

const NAMED = new RegExp(
  `\\boption (${[...FLAGS.keys()].join("|").replaceAll(".", "\\.")})\\b`,
  "g",
);

/** A message of the library in words of the command line: `(option skipBad)` is `(--skip-bad)` there. */
export function withFlags(message: string): string {
  return message.replace(NAMED, (_, option: string) => FLAGS.get(option)!);
}
