import { OnnxError } from "../errors.js";
import { inferTypes } from "../infer/infer-types.js";
import type { Model } from "../ir/graph.js";
import { dequantizeOwnNames } from "../passes/weights/dequantize-weights.js";
import { dropUnreadOutputs } from "./drop-unread-outputs.js";
import { expandFused } from "./expand/expand-fused.js";
import { foldAroundWeights } from "./fold-around-weights.js";
import { liftConstants } from "./lift-constants.js";
import { recognizeGelu } from "./recognize/gelu.js";
import { recognizeLayerNormalization } from "./recognize/layer-normalization.js";
import { unrollRecurrent } from "./recurrent/unroll-recurrent.js";
import { removeDropout } from "./remove-dropout.js";
import { resolveAutoPad } from "./resolve-auto-pad.js";
import { upgradeOpset } from "./upgrade/upgrade-opset.js";
import { widenFloats } from "./widen-floats.js";
import { writeOutPadAxes } from "./write-out-pad-axes.js";

/** The operator set that older models are brought to. */
const WORKING_OPSET = 21;

/** What the passes here know; the newest that ONNX Runtime 1.30 runs, and the oldest in use. */
const NEWEST_OPSET = 26;
const OLDEST_OPSET = 5;

/** The first operator set whose shapes broadcast as they do now, and that ONNX Runtime runs. */
const BROADCASTING_OPSET = 7;

/** The first IR version that goes with the working operator set. */
const WORKING_IR_VERSION = 10;

/**
 * Each pass meets what the ones before it leave. What attributes stretched until operator set 7 is
 * written out before all others, which need not know of it. Then:
 *
 * 1. constants and stored weights become initializers first, under the names they are read by, and
 *    everything is float32: later passes ask "is it constant" and "is it 2" in one way only;
 * 2. outputs that nobody reads go, because operators with fewer outputs have simpler forms;
 * 3. folding brings shapes to light, which the upgrade (coerced Softmax, groups of channels) needs;
 * 4. fused operators are expanded in the working operator set, whose forms the expansions use; they may
 *    be, or hold, quantised weights;
 * 5. recognition follows, because it looks for operators in their newest form;
 * 6. padding and recurrent layers need nothing but types;
 * 7. the last folding simplifies what the others wrote, drops what is dead and infers all types.
 */
const passes: readonly ((model: Model) => Model)[] = [
  writeOutBroadcasting,
  liftConstants,
  dequantizeOwnNames,
  widenFloats,
  dropUnreadOutputs,
  removeDropout,
  foldAroundWeights,
  (model) => upgradeOpset(model, WORKING_OPSET),
  expandFused,
  dequantizeOwnNames,
  (model) => inferTypes(model),
  recognizeLayerNormalization,
  recognizeGelu,
  resolveAutoPad,
  writeOutPadAxes,
  unrollRecurrent,
  foldAroundWeights,
];

/**
 * Brings a model to the one form that gradient rules and the training compiler work with, whatever
 * exporter wrote it. The result computes the same function (up to rounding) with the same names of
 * inputs, outputs and weights, and has its types inferred.
 *
 * - Operator set 21, from 5 to 20; a model of 22 to 26 keeps its own.
 * - `Constant` nodes, `Identity`, `Dropout` outside training, no-ops and constant `If` are resolved;
 *   float initializers that outputs depend on are weights, and no pass computes with their values.
 * - float16, bfloat16 and quantised weights are float32, and so are float16 inputs and outputs.
 * - Fused operators of ONNX Runtime, and compound ones of newer operator sets, are plain ones.
 * - Layer normalisation and Gelu are one node each, however they were written.
 * - Windows have explicit pads, and recurrent layers are unrolled, where sizes are known. Bind named
 *   sizes with `inferTypes(model, { dims })` beforehand to make more of them known.
 *
 * What cannot be brought to this form stays as it is. Normalising twice changes nothing.
 *
 * @throws OnnxError `onnx/unsupported` for another operator set, and for a node that operator set 21
 * cannot express; `onnx/invalid-graph` as {@link inferTypes} does.
 */
export function normalize(model: Model): Model {
  if (normalized.has(model)) return model;
  requireKnownOpset(model);
  const passed = passes.reduce((current, pass) => pass(current), model);
  const normal = { ...passed, irVersion: Math.max(passed.irVersion, WORKING_IR_VERSION) };
  normalized.add(normal);
  return normal;
}

/** Models that are in the one form already. */
const normalized = new WeakSet<Model>();

function writeOutBroadcasting(model: Model): Model {
  const opset = model.opsets.get("") ?? WORKING_OPSET;
  return opset < BROADCASTING_OPSET ? upgradeOpset(model, BROADCASTING_OPSET) : model;
}

function requireKnownOpset(model: Model): void {
  const opset = model.opsets.get("") ?? WORKING_OPSET;
  if (opset >= OLDEST_OPSET && opset <= NEWEST_OPSET) return;
  throw new OnnxError(
    "onnx/unsupported",
    `The model is written in ONNX operator set ${opset}; Engraft knows ${OLDEST_OPSET} to ${NEWEST_OPSET}. Export it again with an operator set in between, such as ${WORKING_OPSET}.`,
  );
}
