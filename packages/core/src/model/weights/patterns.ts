/**
 * The regular expression of a pattern of dotted names: `*` stands for any part between two dots or
 * slashes, `**` for any number of parts. `encoder.layer.*.attention.**`, `**.bias`.
 */
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
