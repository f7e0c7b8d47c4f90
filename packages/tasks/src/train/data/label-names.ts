import type { BaseModel, BaseSpec, Platform } from "@engraft/core";
import { UsageError } from "@engraft/core";
import { type LabelNames, labelNames } from "@engraft/core/internal";
import type { TrainConfig } from "../../format/manifest/config.js";
import { type FeatureDataset, type PassOptions, readInputs } from "./extract-dataset.js";

/** The part of a configuration that decides about names. */
export type NamesConfig = Pick<TrainConfig, "descriptions" | "views" | "head">;

/** With so many training examples a label, names were of no more use on open data. */
const NAMES_BELOW = 16;

/**
 * Makes sure that what describes labels can be used.
 *
 * @throws UsageError
 */
export function requireUsableDescriptions(
  { descriptions = [], views, head }: NamesConfig,
  { modality }: BaseSpec,
  labels: readonly string[],
): void {
  if (descriptions.length === 0) return;
  if (modality !== "text") {
    throw new UsageError(
      "Descriptions of labels are texts, and the base reads images. Leave the descriptions out.",
    );
  }
  if (views === "last" || head !== "logistic") {
    throw new UsageError(
      "Only a stack of views learns from descriptions of labels. Leave out the options views and " +
        "head, or the descriptions.",
    );
  }
  const unknown = descriptions.find(({ label }) => !labels.includes(label));
  if (unknown === undefined) return;
  throw new UsageError(
    `${JSON.stringify(unknown.label)} is described, and no example has this label. The labels are: ` +
      `${labels.map((label) => JSON.stringify(label)).join(", ")}.`,
  );
}

/** Texts that stand for a label. */
interface LabelTexts {
  readonly label: string;
  readonly texts: readonly string[];
}

/**
 * What the base reads in the names of the labels, or in descriptions of them where there are some.
 *
 * @param unlabelled - Rows without a label that are learned from.
 * @returns Undefined where they are not read: for images, for a head that is no stack of views, and for
 *   mere names where every label has many examples.
 */
export async function readLabelNames(
  base: BaseModel,
  { labels, examples, trainRows }: Pick<FeatureDataset, "labels" | "examples" | "trainRows">,
  unlabelled: Int32Array,
  { descriptions = [], views, head }: NamesConfig,
  platform: Platform,
  options: PassOptions,
): Promise<LabelNames | undefined> {
  const { spec } = base;
  if (spec.modality !== "text" || views === "last" || head !== "logistic") return undefined;
  const described = new Map(descriptions.map(({ label, texts }) => [label, texts]));
  const isKnown = labels.some((label) => described.has(label));
  if (!isKnown && trainRows >= NAMES_BELOW * labels.length) return undefined;
  const names = labels.map(
    (label): LabelTexts => ({ label, texts: described.get(label) ?? [wordsOfName(label)] }),
  );
  const { table } = await readInputs(
    base,
    names.flatMap(({ label, texts }) =>
      texts.map((text) => ({
        source: `the name of label ${JSON.stringify(label)}`,
        input: { kind: "text", text } as const,
      })),
    ),
    platform,
    { ...options, skipBad: false, onProgress: undefined },
  );
  return labelNames(
    spec,
    {
      table,
      classOf: Int32Array.from(names.flatMap(({ texts }, k) => texts.map(() => k))),
      classes: labels.length,
      areDescriptions: labels.every((label) => described.has(label)),
    },
    examples.table,
    unlabelled,
  );
}

/** `card_arrival` and `cardArrival` become "card arrival". */
export function wordsOfName(label: string): string {
  const words = label
    .replace(/(\p{Ll})(?=\p{Lu})/gu, "$1 ")
    .replace(/[\s_./:-]+/gu, " ")
    .trim();
  return words === "" ? label : words;
}
