import { type BaseModel, DataError, type DataProblem, type Modality } from "@engraft/core";
import { type CountedLabel, countLabels } from "@engraft/core/predict";
import { DEFAULT_BASE } from "../bases/registry.js";
import type { InputBinding } from "../format/manifest/config.js";
import { chooseTypicalInputs, type TypicalInput } from "../label/typical.js";
import { requireModality } from "../sources/open-inputs.js";
import type { NamedInput, UnlabelledSource } from "../sources/source.js";
import type { Workspace } from "../workspace.js";
import { passOf, readingOf, type WorkOptions } from "./options.js";
import { DEFAULT_SUGGESTIONS, requireCount } from "./suggest.js";
import { collectInputs, type UnlabelledPlaces } from "./unlabelled.js";

/** How inputs to label first are chosen. */
export interface FirstSuggestOptions extends WorkOptions {
  /** How many inputs to suggest. Default 50. */
  readonly count?: number | undefined;
  /**
   * Base model, or the place of an ONNX file, whose last layer says how alike inputs are. Default: the
   * shipped one for the kind of inputs.
   */
  readonly base?: string | undefined;
  /** How texts or images become the inputs of an ONNX file, as for `train`. */
  readonly preprocess?: string | undefined;
  /** Inputs and sizes of an ONNX file that are fixed, as for `train`. */
  readonly bind?: readonly InputBinding[] | undefined;
  /** Seed of the clusters. Default 0. */
  readonly seed?: number | undefined;
}

/** Inputs to label before there is a task. */
export interface FirstSuggestions {
  /** In the order in which to label them: the largest cluster first. */
  readonly suggested: readonly TypicalInput[];
  readonly modality: Modality;
  /** The base model whose last layer they were clustered by. */
  readonly base: string;
  /** How many inputs were read, with and without a label. */
  readonly inputs: number;
  /** The labels among them: their inputs were not chosen, and no other of their clusters. */
  readonly labelled: readonly CountedLabel[];
  /** Inputs that were not looked at on their own, because they are copies of others or nearly so. */
  readonly copies: number;
  /** What could not be read. */
  readonly skipped: readonly DataProblem[];
}

/** Chooses inputs to label before there is a task; `Engraft.suggest` is its form for programs. */
export async function suggestFirst(
  source: UnlabelledSource | UnlabelledPlaces,
  options: FirstSuggestOptions,
  workspace: Workspace,
): Promise<FirstSuggestions> {
  const { host, bases } = workspace;
  const { count = DEFAULT_SUGGESTIONS, seed = 0 } = options;
  requireCount(count);
  const { base: name, preprocess, bind } = options;
  const open = (which: string): Promise<BaseModel> => bases.open(which, { preprocess, bind });
  const named = name === undefined ? undefined : await open(name);
  const { purpose: _, ...reading } = readingOf(options, "evaluate");
  const { inputs, problems } = await collectInputs(
    source,
    { ...reading, modality: named?.spec.modality, labels: true },
    host,
  );
  const modality = commonModality(inputs);
  const base = named ?? (await open(DEFAULT_BASE[modality]));
  requireModality(`Base model ${base.spec.id}`, base.spec.modality, { modality });
  const pass = passOf(options, base, workspace);
  const chosen = await chooseTypicalInputs(base, inputs, host, { ...pass, count, seed });
  return {
    suggested: chosen.suggested,
    modality,
    base: name ?? DEFAULT_BASE[modality],
    inputs: inputs.length,
    labelled: countLabels(inputs.flatMap(({ label }) => label ?? [])),
    copies: chosen.copies,
    skipped: [...problems, ...chosen.skipped],
  };
}

/** @throws DataError when there are texts as well as images. */
function commonModality(inputs: readonly NamedInput[]): Modality {
  const [first] = inputs;
  if (first === undefined) {
    throw new DataError("data/empty", "There are no inputs to choose from.");
  }
  const { kind } = first.input;
  const other = inputs.find(({ input }) => input.kind !== kind);
  if (other === undefined) return kind;
  throw new DataError(
    "data/invalid",
    `The inputs mix texts and images: ${first.source} is ${kind}, ${other.source} is ${other.input.kind}. Give one kind.`,
  );
}
