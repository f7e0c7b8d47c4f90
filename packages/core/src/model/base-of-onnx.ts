import {
  allNames,
  createNameGenerator,
  createNode,
  type Graph,
  inferTypes,
  type Model as OnnxModel,
  renameValues,
} from "@engraft/onnx";
import { type BaseModel, baseDigest } from "../bases/base.js";
import type { BaseSpec, Tap } from "../bases/spec.js";
import { UsageError } from "../errors.js";
import type { Platform } from "../platform.js";
import type { Preprocessing } from "../preprocess/spec.js";
import { preparationFor } from "./edit/preparation.js";
import type { FoundTap } from "./graph/find-taps.js";
import { openBatch } from "./graph/open-batch.js";
import { Model } from "./model.js";

/** What a base is made of that is no package but a file. */
export interface OnnxBaseParts {
  /** How the user names it: the path of the file. */
  readonly id: string;
  readonly model: OnnxModel;
  readonly preprocessing: Preprocessing;
  /** Gives the content of the tokenizer, for models of texts. */
  readonly tokenizer: () => unknown;
  /** Every file that features depend on, by a name that does not depend on where it lies. */
  readonly files: BaseSpec["files"];
}

/**
 * Makes a base of any ONNX model: the outputs of its blocks are its taps.
 *
 * @throws UsageError when its inputs are not those that the preprocessing gives, when it takes batches
 * of one size only, or nothing in it can be read.
 */
export async function baseOfOnnx(
  { id, model: onnx, preprocessing, tokenizer, files }: OnnxBaseParts,
  platform: Pick<Platform, "sha256">,
): Promise<BaseModel> {
  const model = Model.fromOnnx(openBatch(withoutOwnNames(onnx)));
  const preparation = preparationFor(model.inputs, preprocessing, tokenizer);
  requireOpenBatch(model, id);
  const { taps } = model;
  if (taps.length === 0) {
    throw new UsageError(
      `Nothing in ${id} can be read as features: neither its blocks nor its output are float32 values ` +
        "with one row for each example and a known number of channels.",
    );
  }
  const spec: BaseSpec = {
    schemaVersion: 1,
    id,
    title: `ONNX model ${id}`,
    modality: preprocessing.kind,
    license: "unknown",
    source: id,
    files,
    model: "model.onnx",
    inputs: preparation.inputs,
    preprocessing: preparation.preprocessing,
    taps: taps.map(asRead),
    ...(preprocessing.kind === "image" && { viewShares: IMAGE_VIEW_SHARES }),
  };
  return {
    spec,
    digest: await baseDigest(spec, platform),
    model: withChannelsFirst(model.graph, taps),
    tokenizer,
  };
}

/** Of an image model, the last layer alone is the best guess with few labels. */
const IMAGE_VIEW_SHARES = { last: 8, "last-standard": 8 };

/** Names that begin with `engraft/` are those of what is put on a base: values of a file get others. */
function withoutOwnNames(model: OnnxModel): OnnxModel {
  const names = allNames(model.graph);
  const fresh = createNameGenerator(names);
  const taken = [...names].filter((name) => name.startsWith("engraft/"));
  const renames = new Map(taken.map((name) => [name, fresh(`file/${name}`)]));
  return renames.size === 0 ? model : { ...model, graph: renameValues(model.graph, renames) };
}

function requireOpenBatch({ inputs }: Model, id: string): void {
  const fixed = inputs.find(({ type }) => typeof type.shape?.[0] === "number");
  if (fixed === undefined) return;
  throw new UsageError(
    `${id} takes batches of ${fixed.type.shape?.[0]} only: the size is part of its graph. Export it again with a ` +
      "dynamic first axis (torch.onnx.export: dynamic_axes or dynamic_shapes).",
  );
}

/** A tap as a base lists it; maps are read with their channels first. */
function asRead({ name, value, kind, width, channelsLast }: FoundTap): Tap {
  return { name, value: channelsLast ? channelsFirst(value) : value, kind, width };
}

function channelsFirst(value: string): string {
  return `${value}/channels-first`;
}

function withChannelsFirst(model: OnnxModel, taps: readonly FoundTap[]): OnnxModel {
  const added = taps.flatMap(({ value, channelsLast }) =>
    channelsLast
      ? [createNode("Transpose", [value], [channelsFirst(value)], { perm: [0, 3, 1, 2] })]
      : [],
  );
  const graph: Graph = { ...model.graph, nodes: [...model.graph.nodes, ...added] };
  return inferTypes({ ...model, graph });
}
