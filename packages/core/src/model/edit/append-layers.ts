import { allNames, append, inferTypes } from "@engraft/onnx";
import { assembleLayers, LAYER_PATH } from "../../layers/assemble.js";
import { type Layout, LayoutFinder } from "../../layers/layout.js";
import type { NewLayer } from "../../layers/new-layer.js";
import { createRandom } from "../../random/random.js";
import { TrainableFlags } from "../weights/flags.js";
import { changeParts, type ModelParts, ownWeight } from "./parts.js";

/** Options of `Model.append`. */
export interface AppendOptions {
  /** Seed of the first values of weights. Default 0. */
  readonly seed?: number | undefined;
  /**
   * Where the channels of the model's output are. Needed where the graph does not tell and a layer
   * must know: of maps, and of [batch, token, channel].
   */
  readonly layout?: Layout | undefined;
}

/** Images are prepared in a layout; what models of texts pass on are tokens. */
function inputLayoutOf({ inputLayout, preparation }: ModelParts): Layout | undefined {
  const { preprocessing } = preparation ?? {};
  if (inputLayout !== undefined || preprocessing === undefined) return inputLayout;
  if (preprocessing.kind === "text") return "channels-last";
  return preprocessing.layout === "nchw" ? "channels-first" : "channels-last";
}

/**
 * Puts new layers on the first output of a model.
 *
 * @param taken - Names of its layers of the first level.
 * @param layout - Where the channels of the output are; by default the graph tells.
 */
export function appendLayers(
  parts: ModelParts,
  layers: readonly NewLayer[],
  taken: readonly string[],
  { seed = 0, layout }: AppendOptions,
): ModelParts {
  const { onnx, inputs, flags, preparation } = parts;
  const { graph } = onnx;
  const input = graph.outputs[0]!;
  const top = assembleLayers(layers, {
    input,
    layout: layout ?? new LayoutFinder(graph, inputLayoutOf(parts)).of(input.name),
    // Also where the part that is left does not read it: tokens are pooled under it.
    mask: inputs.find(({ name }) => name === preparation?.inputs.mask),
    opset: onnx.opsets.get("")!,
    taken: [...taken, ...allNames(graph)],
    random: createRandom(seed).derive("layers"),
  });
  const present = new Set([input, ...graph.inputs].map(({ name }) => name));
  const connections = Object.fromEntries(
    top.graph.inputs.flatMap(({ name }) => (present.has(name) ? [[name, name]] : [])),
  );
  const paths = top.graph.nodes.map(({ metadata }) => metadata.get(LAYER_PATH)!);
  const newFlags = new TrainableFlags(flags, new Set(paths.map((path) => path.split(".", 1)[0]!)));
  return changeParts(parts, {
    onnx: inferTypes(append(onnx, top.graph, connections)),
    flags: newFlags,
    weights: [...parts.weights, ...top.weights.map((weight) => ownWeight(weight, newFlags))],
  });
}
