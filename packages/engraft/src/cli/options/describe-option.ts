import { readFile } from "node:fs/promises";
import { Option } from "@commander-js/extra-typings";
import { UsageError } from "@engraft/core";
import type { LabelDescription } from "@engraft/tasks";
import { z } from "zod";

/** `--describe`: what labels mean; may be repeated. */
export function describeOption(): Option<"--describe <text>", undefined, undefined, string[]> {
  return new Option(
    "--describe <text>",
    'what a label means, as billing="money, invoices", or a YAML or JSON file of labels and texts; ' +
      "may be repeated",
  ).argParser((given: string, before: string[] | undefined) => [...(before ?? []), given]);
}

/** `--labels`: names for texts that have no label yet. */
export function labelsOption(): Option<"--labels <names>", undefined, undefined, string[]> {
  return new Option(
    "--labels <names>",
    "labels for texts none of which has one, separated by commas: a start that nothing measures",
  ).argParser((names: string, before: string[] | undefined) => [
    ...(before ?? []),
    ...names.split(",").map((name) => name.trim()),
  ]);
}

const FILE = /\.(?:ya?ml|json)$/i;

/**
 * The descriptions of labels as the library takes them: those of one label are joined.
 *
 * @throws UsageError when one is neither `label=text` nor a file, or a file cannot be used.
 */
export async function descriptionsGiven(
  given: readonly string[] | undefined,
): Promise<LabelDescription[] | undefined> {
  if (given === undefined) return undefined;
  const texts = new Map<string, string[]>();
  const add = (label: string, more: readonly string[]): void => {
    texts.set(label, [...(texts.get(label) ?? []), ...more]);
  };
  for (const one of given) {
    const at = one.indexOf("=");
    if (at > 0) add(one.slice(0, at).trim(), [one.slice(at + 1)]);
    else if (FILE.test(one)) for (const [label, more] of await readFileOf(one)) add(label, more);
    else {
      throw new UsageError(
        `--describe takes <label>=<text>, or a file that ends in .yaml, .yml or .json; given: ${one}`,
      );
    }
  }
  return Array.from(texts, ([label, own]) => ({ label, texts: own }));
}

const fileSchema = z.map(
  z.union([z.string(), z.number(), z.boolean()]).transform(String),
  z.union([z.string().transform((text) => [text]), z.array(z.string())]),
);

async function readFileOf(path: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw new UsageError(`${path} cannot be read: ${cause.message}`, { cause });
  });
  const { parse } = await import("yaml");
  let found: unknown;
  try {
    found = parse(text, { mapAsMap: true });
  } catch (cause) {
    const [line] = (cause as Error).message.split("\n");
    throw new UsageError(`${path} is neither YAML nor JSON: ${line}`, { cause });
  }
  const parsed = fileSchema.safeParse(found);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    `${path} is not a list of descriptions. Write one line for each label: its name, a colon, and a ` +
      "text or a list of texts.",
  );
}
