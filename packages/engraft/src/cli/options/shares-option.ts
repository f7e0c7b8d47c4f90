import { Option } from "@commander-js/extra-typings";
import { UsageError } from "@engraft/core/errors";

/** `--shares`: how frequent a label is among the unlabelled examples; once for each label. */
export function sharesOption(): Option<"--shares <label=share>", undefined, undefined, string[]> {
  return new Option(
    "--shares <label=share>",
    "part of the unlabelled examples that has a label, such as spam=0.28; once for each label",
  ).argParser((given: string, before: string[] | undefined) => [...(before ?? []), given]);
}

/**
 * The shares as the library takes them. A label may hold equals signs; a share does not.
 *
 * @throws UsageError where one is not of the form `label=share`, or a label is given twice.
 */
export function sharesGiven(given: readonly string[] | undefined): Map<string, number> | undefined {
  if (given === undefined) return undefined;
  const shares = new Map<string, number>();
  for (const text of given) {
    const at = text.lastIndexOf("=");
    const [label, share] = [text.slice(0, Math.max(0, at)), text.slice(at + 1).trim()];
    if (label === "" || share === "" || Number.isNaN(Number(share))) {
      throw new UsageError(`--shares takes label=share, such as spam=0.28; "${text}" is not that.`);
    }
    if (shares.has(label)) throw new UsageError(`--shares gives "${label}" twice.`);
    shares.set(label, Number(share));
  }
  return shares;
}
