import { Option } from "@commander-js/extra-typings";

/** `--unlabelled`: examples without a label; may be repeated. */
export function unlabelledOption(): Option<"--unlabelled <place>", undefined, undefined, string[]> {
  return new Option(
    "--unlabelled <place>",
    "file or folder of examples without labels, used where they help; may be repeated",
  ).argParser((place: string, before: string[] | undefined) => [...(before ?? []), place]);
}

/** The places of unlabelled examples, as the library takes them. */
export function unlabelledGiven(
  places: readonly string[] | undefined,
): { readonly places: readonly string[] } | undefined {
  return places && { places };
}
