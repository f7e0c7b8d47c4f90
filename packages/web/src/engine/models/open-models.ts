import type { Layer, Model, NewLayer, TrainingStep } from "@engraft/core";
import type { OpenModel } from "@engraft/tasks";
import type { ModelEdit, ModelFacts, OfModel, OfStep, SentLayer } from "../../protocol/models.js";
import { Opened } from "../opened.js";

/** A training step, and the model that it trains. */
interface OpenStep {
  readonly model: Model;
  readonly step: TrainingStep;
}

/** The models of a page, and what it has made of them. */
export class OpenModels {
  readonly #models = new Opened<Model>(
    "The model was closed. Load it again, or make it anew, to work with it.",
  );
  readonly #steps = new Opened<OpenStep>(
    "The training step was closed. Compile it again with compileTrainingStep.",
  );
  /** Models that are open for predictions. */
  readonly open: Opened<OpenModel> = new Opened(
    "The model was closed. Open it again with openModel(model).",
  );

  /** @param added - Names of the layers of the first level that were put on. */
  add(model: Model, added: readonly string[] = []): ModelFacts {
    return factsOf(this.#models.add(model), model, added);
  }

  get(number: number): Model {
    return this.#models.get(number);
  }

  /** A model, frozen as it is on the page. */
  frozenAs({ model: number, frozen }: OfModel): Model {
    const model = this.#models.get(number);
    freezeExactly(model, frozen);
    return model;
  }

  close(number: number): void {
    this.#models.remove(number);
  }

  addStep(step: TrainingStep, model: Model): number {
    return this.#steps.add({ step, model });
  }

  /** A training step, with its model frozen as it is on the page. */
  step({ step: number, frozen }: OfStep): TrainingStep {
    const { step, model } = this.#steps.get(number);
    freezeExactly(model, frozen);
    return step;
  }

  async closeStep(number: number): Promise<void> {
    await this.#steps.remove(number)?.step.close();
  }

  async closeOpen(number: number): Promise<void> {
    await this.open.remove(number)?.close();
  }
}

/** The layer that was sent, made of it. */
export type MakeLayer = (sent: SentLayer) => NewLayer;

/** Changes a model, one change after the other. @returns The last model, and the names of its new layers. */
export function edited(
  given: Model,
  edits: readonly ModelEdit[],
  makeLayer: MakeLayer,
): { readonly model: Model; readonly added: readonly string[] } {
  let model = given;
  const added: string[] = [];
  for (const edit of edits) {
    if (edit.kind === "cut") model = model.cut(edit.name);
    else if (edit.kind === "lora") model = model.addLora(edit.options);
    else {
      const before = new Set(model.layers.map(({ name }) => name));
      model = model.append(edit.layers.map(makeLayer), edit.options);
      added.push(...model.layers.flatMap(({ name }) => (before.has(name) ? [] : [name])));
    }
  }
  return { model, added };
}

/** Freezes some weights by themselves, and no other one. */
function freezeExactly(model: Model, frozen: readonly string[]): void {
  const names = new Set(frozen);
  for (const weight of model.weights) {
    if (weight.frozen !== names.has(weight.name)) weight.trainable = !names.has(weight.name);
  }
}

function factsOf(number: number, model: Model, added: readonly string[]): ModelFacts {
  const { inputs, output, taps, leftOut, preparation } = model;
  return {
    model: number,
    inputs,
    output,
    taps,
    leftOut,
    preparation: preparation && {
      inputs: preparation.inputs,
      preprocessing: preparation.preprocessing,
    },
    paths: model.layers.flatMap(pathsOf),
    weights: model.weights.map(({ name, shape, kind, frozen }) => ({ name, shape, kind, frozen })),
    added,
  };
}

function pathsOf(layer: Layer): string[] {
  return [layer.path, ...layer.children.flatMap(pathsOf)];
}
