/**
 * Entry for pages, whose models are in a worker: the tree of layers and what is trainable in it, and the
 * layers that can be put on top. It loads nothing that reads, computes or trains a model.
 */
export * as layers from "./layers/index.js";
export { TrainableFlags } from "./model/weights/flags.js";
export { buildLayers, Layer, type LayerWeight } from "./model/weights/layer.js";
export { outerPath } from "./model/weights/paths.js";
export {
  coveringSelection,
  findLayer,
  freezeSelection,
  type Selection,
  select,
  unfreezeSelection,
} from "./model/weights/selection.js";
export { layerwiseGroups, type WeightGroup } from "./train/settings/layerwise-groups.js";
