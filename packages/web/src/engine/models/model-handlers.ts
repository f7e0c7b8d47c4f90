import type { Layer, Model } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type { Handlers } from "@engraft/core/workers/rpc";
import type {
  FindLearningRateOptions,
  FitOptions,
  ModelEvaluateOptions,
  ModelPredictOptions,
} from "@engraft/tasks";
import type { ModelEdit, ModelFacts, ModelMethods, SentWeights } from "../../protocol/models.js";
import type { Engine } from "../engine.js";
import { receiveFile } from "../receive.js";
import { tellTraining, watchedRun } from "../watch.js";
import { edited } from "./open-models.js";
import { saveTo } from "./save-model.js";

/** What answers the calls that concern models. What makes and trains them is loaded when it is needed. */
export function modelHandlers(opened: () => Engine): Handlers<ModelMethods> {
  return {
    async loadModel({ source, externalData, bind, preprocess }, { signal }) {
      const given = source instanceof Blob ? await receiveFile(source) : source;
      const dataFiles = externalData && (await receiveFiles(externalData));
      const options = {
        bind,
        preprocess,
        signal,
        externalData: dataFiles && ((location: string) => dataFileOf(dataFiles, location)),
      };
      return opened().models.add(await opened().engraft.loadModel(given, options));
    },
    async sequential({ inputShape, layers, seed = 0, edits }) {
      const { Model } = await import("@engraft/core");
      const { makeLayer } = await import("./make-layer.js");
      const model = Model.sequential(inputShape, layers.map(makeLayer), { seed });
      const added = model.layers.map(({ name }) => name);
      return addEdited(opened(), model, edits, added);
    },
    editModel: async ({ edits, ...model }) =>
      addEdited(opened(), opened().models.frozenAs(model), edits),
    weightsUpTo: async ({ layer, model }) => ({
      names: opened().models.get(model).weightsUpTo(layer),
    }),
    async summarize(model) {
      const summary = opened().models.frozenAs(model).summary();
      const { rows, weights, trainableWeights, nonTrainableWeights, leftOut } = summary;
      return {
        summary: { rows, weights, trainableWeights, nonTrainableWeights, leftOut },
        text: String(summary),
      };
    },
    architecture: async (model) => opened().models.frozenAs(model).architecture(),
    modelFile: async ({ model }) => ({ file: opened().models.get(model).toOnnx() }),
    weightsFile: async ({ model }) => ({ file: opened().models.get(model).saveWeights() }),
    async loadWeights({ model, file, options }) {
      const found = opened().models.get(model);
      return found.loadWeights(file instanceof Blob ? await receiveFile(file) : file, options);
    },
    async transferWeights({ from, to, options }) {
      const [source, target] = [partOf(opened(), from), partOf(opened(), to)];
      const { transferWeights } = await import("@engraft/core");
      return transferWeights(source, target, options);
    },
    readWeight: async ({ model, name }) => ({ data: weightOf(opened(), model, name).data }),
    async writeWeight({ model, name, data }) {
      weightOf(opened(), model, name).data.set(data);
      return undefined;
    },
    async saveModel({ model, place }) {
      await saveTo(place, opened().models.get(model), opened());
      return undefined;
    },
    async fit({ data, options, ...model }, call) {
      const { engraft, models, receive, runs } = opened();
      const settings = { ...watchedRun<FitOptions>(options, call), onEvent: tellTraining(call) };
      const given = models.frozenAs(model);
      // What the page may release in the meantime is found before the wait.
      return receive.withExamples(data, (examples) =>
        runs.inTurn(settings.checkpoint, () => engraft.fit(given, examples, settings)),
      );
    },
    async findLearningRate({ data, options, ...model }, call) {
      const { engraft, models, receive } = opened();
      const settings = watchedRun<FindLearningRateOptions>(options, call);
      const given = models.frozenAs(model);
      return receive.withExamples(data, (examples) =>
        engraft.findLearningRate(given, examples, settings),
      );
    },
    async compileStep({ options, ...model }, { signal }) {
      const { engraft, models } = opened();
      const given = models.frozenAs(model);
      const step = await engraft.compileTrainingStep(given, { ...options, signal });
      return { step: models.addStep(step, given) };
    },
    valueAndGrad: async ({ batch, ...step }) => opened().models.step(step).valueAndGrad(batch),
    async applyGradients({ gradients, learningRate, ...step }) {
      await opened().models.step(step).apply(gradients, { learningRate });
      return undefined;
    },
    evaluateStep: async ({ batch, ...step }) => opened().models.step(step).evaluate(batch),
    async closeStep({ step }) {
      await opened().models.closeStep(step);
      return undefined;
    },
    async openModel({ model }) {
      const { engraft, models } = opened();
      return { open: models.open.add(engraft.openModel(models.get(model))) };
    },
    async predictModel({ open, inputs, options }, call) {
      const { models, receive } = opened();
      const model = models.open.get(open);
      const settings = watchedRun<ModelPredictOptions>(options, call);
      if (inputs.kind === "tensors") return model.predict(inputs.tensors, settings);
      return model.predict(receive.inputs(inputs.inputs, {}), settings);
    },
    runModel: async ({ open, feeds }) => ({
      outputs: await opened().models.open.get(open).run(feeds),
    }),
    async evaluateModel({ open, data, options }, call) {
      const { models, receive } = opened();
      const settings = watchedRun<ModelEvaluateOptions>(options, call);
      const model = models.open.get(open);
      return receive.withExamples(data, (examples) => model.evaluate(examples, settings));
    },
    async closeOpenModel({ open }) {
      await opened().models.closeOpen(open);
      return undefined;
    },
    async closeModel({ model }) {
      opened().models.close(model);
      return undefined;
    },
  };
}

async function addEdited(
  { models }: Engine,
  given: Model,
  edits: readonly ModelEdit[],
  before: readonly string[] = [],
): Promise<ModelFacts> {
  if (edits.length === 0) return models.add(given, before);
  const { makeLayer } = await import("./make-layer.js");
  const { model, added } = edited(given, edits, makeLayer);
  return models.add(model, [...before, ...added]);
}

function partOf({ models }: Engine, { model, layer }: SentWeights): Model | Layer {
  const found = models.get(model);
  return layer === undefined ? found : found.layer(layer);
}

function weightOf({ models }: Engine, model: number, name: string): Model["weights"][number] {
  const found = models.get(model).weights.find((weight) => weight.name === name);
  if (found === undefined) throw new Error(`internal: the model has no weight ${name}`);
  return found;
}

/** @throws UsageError where the file was not given. */
function dataFileOf(files: ReadonlyMap<string, Uint8Array>, location: string): Uint8Array {
  const found = files.get(location);
  if (found !== undefined) return found;
  throw new UsageError(
    `The model keeps weights in the file "${location}", and externalData has ` +
      `${[...files.keys()].join(", ") || "no file"}. Add the file under this name.`,
  );
}

async function receiveFiles(
  files: ReadonlyMap<string, Uint8Array | Blob>,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const received = Array.from(files, async ([location, file]) => {
    return [location, file instanceof Blob ? await receiveFile(file) : file] as const;
  });
  return new Map(await Promise.all(received));
}
