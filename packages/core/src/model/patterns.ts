/**
 * Whether a dotted name matches a pattern: `*` stands for any part between two dots, `**` for any
 * number of parts. `encoder.layer.*.attention.**`, `**.bias`.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  return patternOf(pattern).test(name);
}

/** The regular expression of a pattern. Dots and slashes separate parts. */
export function patternOf(pattern: string): RegExp {
  const source = pattern
    .split(/(\*\*|\*)/)
    .map((part) => {
      if (part === "**") return ".*";
      return part === "*" ? "[^./]*" : part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    })
    .join("");
  return new RegExp(`^${source}$`, "s");
}
