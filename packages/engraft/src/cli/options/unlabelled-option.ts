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

/** `--keep-unlabelled`: whether the task may keep vectors of them. */
export function keepUnlabelledOption(): Option<"--keep-unlabelled", undefined, undefined, true> {
  return new Option(
    "--keep-unlabelled",
    "keep vectors of the unlabelled examples in the task, to classify by their neighbours",
  );
}
