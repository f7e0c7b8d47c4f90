import { type Differentiated, differentiateModel } from "@engraft/autodiff";
import {
  allNames,
  createNameGenerator,
  createNode,
  cut,
  cutAbove,
  freshPrefix,
  type Graph,
  GraphBuilder,
  inferTypes,
  type Model,
  type Node,
  readsOf,
  typeOfValue,
  type ValueInfo,
  valueInfo,
} from "@engraft/onnx";
import { UsageError } from "../../errors.js";
import { type SessionModel, sessionModel } from "../../runtime/session-model.js";
import { type LossConfig, writeLoss } from "../losses/index.js";
import { batchedValues } from "./batched-values.js";
import { foldNorms } from "./fold-norms.js";
import { splitFrozen } from "./frozen-split.js";
import { maskShapeModel } from "./mask-shapes.js";
import { findRowTables, type RowTable } from "./row-tables.js";
import {
  type BatchStatistics,
  type DropoutMask,
  type TrainingGraph,
  toTrainingGraph,
} from "./training-graph.js";

/** What is trained, of which model. */
export interface StepSource {
  /** In the working opset, weights as initializers. */
  readonly model: Model;
  /** Value that the loss looks at. */
  readonly output: string;
  /** Initializers that gradients are taken by. */
  readonly trainable: readonly string[];
  /** `BatchNormalization` nodes of trainable layers, by name of their output. */
  readonly trainableNorms: ReadonlySet<string>;
}

/** A part of the model as an ONNX model, with what it is fed. */
export interface CompiledPart {
  readonly model: SessionModel;
  /** Names of its inputs. */
  readonly inputs: readonly string[];
}

/** Names of what both parts say about a batch. */
export interface StepOutputs {
  /** Mean loss, and what it was divided by. */
  readonly loss: string;
  readonly weightSum: string;
  /** What the loss looks at. */
  readonly predictions: string;
}

/** Where a step tells the gradient of a table by the rows that a batch reads. */
export interface RowOutputs {
  readonly dims: RowTable["dims"];
  /** Outputs of the training part: rows that were read, and the gradient by what was read. */
  readonly reads: readonly { readonly rows: string; readonly gradient: string }[];
}

/**
 * One training step, compiled for one set of trainable weights. Nothing in it belongs to a thread, so
 * that it can be sent to one.
 */
export interface CompiledStep {
  /** Everything frozen below the trainable part: `cut` from the model's own inputs. */
  readonly prefix: CompiledPart | undefined;
  /** Outputs of the prefix: [batch, ...] each. */
  readonly cut: readonly ValueInfo[];
  /** Inputs of the model that are read beyond the cut, masks of texts for example. */
  readonly inputs: readonly ValueInfo[];
  /** What the loss compares with. */
  readonly targets: ValueInfo;
  /** Gradients, statistics and the loss. Reads cut, inputs, targets, masks and weights. */
  readonly training: CompiledPart;
  /** Loss and predictions in inference form. Reads cut, inputs, targets, weights and states. */
  readonly evaluation: CompiledPart;
  /** Trainable weights: inputs of both parts. */
  readonly weights: readonly ValueInfo[];
  /** Output of the training part that holds the gradient by each weight but the tables below. */
  readonly gradients: ReadonlyMap<string, string>;
  /** Tables that are read by row, as embeddings are: all other rows have a gradient of zero. */
  readonly rowGradients: ReadonlyMap<string, RowOutputs>;
  /** Running statistics: they move without a gradient. */
  readonly states: readonly ValueInfo[];
  readonly statistics: readonly BatchStatistics[];
  readonly masks: readonly DropoutMask[];
  /** What decides how large the masks are; undefined without any. */
  readonly maskShapes: Model | undefined;
  readonly trainingOutputs: StepOutputs;
  readonly evaluationOutputs: StepOutputs;
}

/**
 * Compiles one training step: the frozen prefix as an inference model of its own, and the rest, from
 * the cut on, with its gradients. No backward node exists for anything frozen.
 *
 * @throws AutodiffError with every node that has no gradient.
 * @throws UsageError when nothing is trainable.
 */
export function compileStep(source: StepSource, loss: LossConfig): CompiledStep {
  if (source.trainable.length === 0) {
    throw new UsageError(
      "No weight is trainable. Set `trainable = true` on a layer, or append new layers.",
    );
  }
  const typed = inferTypes(source.model);
  const fresh = createNameGenerator(allNames(typed.graph));
  const training = toTrainingGraph(typed, source.trainableNorms, fresh);
  const targets = fresh("targets");
  const forward = withLoss(training.model, source.output, loss, targets);
  const inference = withLoss(typed, source.output, loss, targets);
  const cutValues = findCut(source, training, forward, batchedValues(typed));

  const statistics = training.statistics.flatMap(({ mean, variance, count }) => [
    mean,
    variance,
    count,
  ]);
  const predictions = source.output;
  const keep = [forward.weightSum, predictions, ...statistics];
  const body = foldNorms(cutAbove(forward.model, cutValues, [forward.loss, ...keep]));
  const weights = requireRead(source, body.graph);
  const trained = differentiateRows(body, { loss: forward.loss, wrt: weights, keep });
  const states = training.statistics.flatMap((norm) => [norm.runningMean, norm.runningVariance]);
  const outputs = [inference.loss, inference.weightSum, predictions];
  const evaluated = cutAbove(inference.model, cutValues, outputs);
  const infoOf = (name: string): ValueInfo => ({ name, type: typeOfValue(typed.graph, name)! });
  const evaluation = partOf(freeInitializers(evaluated, [...weights, ...states]));
  const isRead = new Set([...evaluation.inputs, ...trained.model.graph.inputs.map(nameOf)]);
  const masks = training.masks.filter(({ input }) => isRead.has(input.name));
  return {
    prefix: cutValues.length === 0 ? undefined : partOf(cut(typed, cutValues)),
    cut: cutValues.map(infoOf),
    inputs: typed.graph.inputs.filter(({ name }) => isRead.has(name)),
    targets: forward.targets,
    training: partOf(trained.model),
    evaluation,
    weights: weights.map(infoOf),
    gradients: trained.gradients,
    rowGradients: trained.rowGradients,
    states: states.map(infoOf),
    statistics: training.statistics,
    masks,
    maskShapes: masks.length === 0 ? undefined : maskShapeModel(typed, cutValues, masks),
    trainingOutputs: { loss: trained.loss, weightSum: forward.weightSum, predictions },
    evaluationOutputs: { loss: inference.loss, weightSum: inference.weightSum, predictions },
  };
}

/** A model with a loss on top, in inference form. */
export interface CompiledEvaluation extends CompiledPart {
  /** Input for what the loss compares with. */
  readonly target: string;
  readonly loss: string;
  readonly weightSum: string;
}

/**
 * Puts a loss on a model, to measure it.
 *
 * @param model - Typed.
 * @throws UsageError when the output does not fit the loss.
 */
export function compileEvaluation(
  model: Model,
  output: string,
  config: LossConfig,
): CompiledEvaluation {
  const target = createNameGenerator(allNames(model.graph))("targets");
  const { model: joined, loss, weightSum } = withLoss(model, output, config, target);
  const part = partOf(cutAbove(joined, [], [loss, weightSum, output]));
  return { ...part, target, loss, weightSum };
}

/** The trainable weights that the loss depends on; the others have nothing to learn. */
function requireRead({ output, trainable, model }: StepSource, body: Graph): string[] {
  const read = new Set(body.nodes.flatMap((node) => [...readsOf(node)]));
  const weights = trainable.filter((name) => read.has(name) || !model.graph.initializers.has(name));
  if (weights.length > 0) return weights;
  throw new UsageError(
    `"${output}" depends on none of the trainable weights (${trainable[0]}, ...). Train a layer that leads to it.`,
  );
}

/** Differentiates by tables through what is read of them: no gradient of their whole size is made. */
function differentiateRows(
  model: Model,
  { loss, wrt, keep }: { loss: string; wrt: readonly string[]; keep: readonly string[] },
): Differentiated & Pick<CompiledStep, "rowGradients"> {
  const { graph } = model;
  const tables = findRowTables(graph, wrt);
  const isTable = new Set(tables.map(({ weight }) => weight));
  const readers = tables.flatMap((table) => table.readers);
  const fresh = createNameGenerator(allNames(graph));
  const names = new Map(readers.map((node) => [node, fresh(`${node.outputs[0]}/rows`)]));
  const rowsOf = (node: Node): string => names.get(node)!;
  // What is read of a table may be an input or a constant, which cannot be an output as it is.
  const named = readers.map((node) => createNode("Identity", [node.inputs[1]!], [rowsOf(node)]));
  const trained = differentiateModel(
    { ...model, graph: { ...graph, nodes: [...graph.nodes, ...named] } },
    {
      loss,
      wrt: [
        ...wrt.filter((name) => !isTable.has(name)),
        ...readers.map(({ outputs }) => outputs[0]!),
      ],
      keep: [...keep, ...readers.map(rowsOf)],
    },
  );
  const gradientOf = (name: string): string => trained.gradients.get(name)!;
  const rowGradients = tables.map(({ weight, dims, readers: nodes }): [string, RowOutputs] => [
    weight,
    {
      dims,
      reads: nodes.map((node) => ({ rows: rowsOf(node), gradient: gradientOf(node.outputs[0]!) })),
    },
  ]);
  return {
    ...trained,
    model: freeInitializers(trained.model, [...isTable]),
    gradients: new Map(Array.from(trained.gradients).filter(([name]) => wrt.includes(name))),
    rowGradients: new Map(rowGradients),
  };
}

interface ModelWithLoss {
  readonly model: Model;
  readonly loss: string;
  readonly weightSum: string;
  readonly targets: ValueInfo;
}

/** Writes the loss on top of a model. */
function withLoss(
  model: Model,
  output: string,
  config: LossConfig,
  targetsName: string,
): ModelWithLoss {
  const { graph } = model;
  const builder = new GraphBuilder(freshPrefix("loss", allNames(graph)));
  const info: ValueInfo = { name: output, type: typeOfValue(graph, output)! };
  const { loss, weightSum, targets } = writeLoss(builder, config, info, targetsName);
  const joined: Graph = {
    ...graph,
    nodes: [...graph.nodes, ...builder.nodes],
    inputs: [...graph.inputs, targets],
    initializers: new Map([...graph.initializers, ...builder.initializers]),
    outputs: [loss, weightSum].map((name) => valueInfo(name, "float32", [])),
  };
  return { model: inferTypes({ ...model, graph: joined }), loss, weightSum, targets };
}

/** The values at which the frozen part ends. */
function findCut(
  source: StepSource,
  training: TrainingGraph,
  { model: { graph }, targets }: ModelWithLoss,
  batched: ReadonlySet<string>,
): string[] {
  const norms = training.statistics.map(({ mean }) => mean);
  const masks = training.masks.map(({ input }) => input.name);
  const moving = new Set([...source.trainable, ...norms, ...masks, targets.name]);
  for (const { outputs } of graph.nodes) {
    // The other outputs of a node with batch statistics move with them.
    if (outputs.some((output) => moving.has(output))) for (const o of outputs) moving.add(o);
  }
  return [...splitFrozen(graph, moving, batched).cut];
}

/** Turns initializers into inputs, which may be fed anew at every run. */
function freeInitializers(model: Model, names: readonly string[]): Model {
  const { graph } = model;
  const initializers = new Map(graph.initializers);
  const freed = names.filter((name) => initializers.delete(name));
  const inputs = freed.map((name) => ({ name, type: typeOfValue(graph, name)! }));
  return { ...model, graph: { ...graph, initializers, inputs: [...graph.inputs, ...inputs] } };
}

function partOf(model: Model): CompiledPart {
  return { model: sessionModel(model), inputs: model.graph.inputs.map(nameOf) };
}

function nameOf({ name }: ValueInfo): string {
  return name;
}
