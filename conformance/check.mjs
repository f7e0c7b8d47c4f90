// Holds a case against PyTorch: loss, the gradient of every weight, and ten steps of training.
import { differentiate } from "@engraft/autodiff";
import { decodeModel } from "@engraft/onnx";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { appendLoss, LOSS, readCase } from "./case.mjs";
import { norm, relative } from "./numbers.mjs";

/** What counts as agreement: relative to the gradient's norm, and to the loss. */
export const TOLERANCE = 1e-4;

// Some gradients are zero in theory, such as that of an attention's key bias; rounding has no scale
// but that of the other gradients.
const NEGLIGIBLE = 1e-3;

/**
 * Errors of a case, relative: of the loss, of each weight's gradient (`{ name, error }`, largest
 * first) and of the loss along the training steps.
 *
 * @param {string} folder
 */
export async function checkCase(folder) {
  const given = readCase(folder);
  const started = performance.now();
  const names = given.weights.map(({ onnx }) => onnx);
  const step = differentiate(appendLoss(given.model, given.output), { loss: LOSS, wrt: names });
  const compileSeconds = (performance.now() - started) / 1000;

  const session = await InferenceSession.create(step, {
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  const weights = readWeights(given.model, names);
  const run = () => session.run(feedsOf(session, given.inputs, weights));
  const results = await run();
  const gradients = compareGradients(results, given.reference, names);
  const losses = await train(run, weights, given);
  await session.release();
  return {
    ...given,
    stepNodes: decodeModel(step).graph.nodes.length,
    compileSeconds,
    seconds: (performance.now() - started) / 1000,
    lossError: relative(results.loss.data[0], given.loss),
    gradients,
    trainingError: Math.max(...losses.map((loss, i) => relative(loss, given.losses[i]))),
  };
}

/** Initial values of the weights, which training overwrites. */
function readWeights(bytes, names) {
  const { nodes, initializers } = decodeModel(bytes).graph;
  const constants = nodes
    .filter(({ opType, attributes }) => opType === "Constant" && attributes.has("value"))
    .map(({ outputs, attributes }) => [outputs[0], attributes.get("value").value]);
  const values = new Map([...initializers, ...constants]);
  return new Map(names.map((name) => [name, values.get(name)]));
}

/** Only what the step reads: an output need not depend on every input. */
function feedsOf(session, inputs, weights) {
  return Object.fromEntries(
    session.inputNames.map((name) => {
      const { dtype, data, dims } = weights.get(name) ?? inputs.get(name);
      return [name, new Tensor(dtype, data, dims)];
    }),
  );
}

function compareGradients(results, reference, names) {
  const expected = new Map(names.map((name) => [name, reference.get(`gradient/${name}`).data]));
  const floor = NEGLIGIBLE * Math.hypot(...Array.from(expected.values(), norm));
  return names
    .map((name) => {
      const actual = results[`grad/${name}`].data;
      const difference = expected.get(name).map((value, i) => value - actual[i]);
      return { name, error: norm(difference) / Math.max(norm(expected.get(name)), floor) };
    })
    .sort((a, b) => b.error - a.error);
}

/** Plain gradient descent. Returns the loss before every step and after the last one. */
async function train(run, weights, { losses, learningRate }) {
  const found = [];
  for (let step = 0; step < losses.length; step++) {
    const results = await run();
    found.push(results.loss.data[0]);
    for (const [name, { data }] of weights) {
      const gradient = results[`grad/${name}`].data;
      for (let i = 0; i < data.length; i++) data[i] -= learningRate * gradient[i];
    }
  }
  return found;
}
