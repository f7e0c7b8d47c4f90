import type { LabelledFeatures, OutOfFold } from "../../features/labelled-features.js";
import { gather } from "../../features/labelled-features.js";
import {
  type LinearAlgebra,
  type Matrix,
  type Matrix32,
  type Matrix64,
  rowOf,
  zeros32,
  zeros64,
} from "../../math/matrix.js";
import { logSoftmaxRows } from "../../math/softmax.js";
import type { Csr } from "../../math/sparse.js";
import { addScaled } from "../../math/vector.js";
import { denseDesign, needsDouble } from "../logistic/design.js";
import { type LinearModel, linearLogits, weightMatrix } from "../logistic/linear-model.js";
import { fitLogistic } from "../logistic/logistic.js";
import { classRowWeights, fitProbe } from "../logistic/probe.js";
import { fitStack } from "../stack/stack.js";
import type { FitHeadOptions, FittedView, FittedViews } from "../stack/stacked-head.js";
import { viewFeatures } from "../views/view-matrix.js";
import type { ViewRecipe } from "../views/views.js";
import { type TfidfModel, weighTerms } from "../words/tfidf.js";
import { makeGraph } from "./graph.js";
import { predictByGraph, type UnlabelledPredictions } from "./graph-view.js";
import { coordinatesOf, modelOfFeatures } from "./space.js";
import type { Unlabelled, UnlabelledView } from "./unlabelled.js";

/** The suffixes of views that learn from unlabelled rows. */
export const COLOURED_SUFFIX = "-coloured";
export const STUDENT_SUFFIX = "-student";

/** Inverse strength of a student's regularisation: chosen out of fold on a few rows it can be far off. */
const STUDENT_C = 20;
const STUDENT_TOLERANCE = 1e-4;
const BLOCK_ROWS = 4096;

/**
 * Learns from unlabelled rows. The stack of `fitted` and of a graph over all rows is a teacher: what it
 * says about the unlabelled rows, sharpened, is what linear students learn, each from one view, beside
 * the labels themselves. What comes back is to be stacked: the views of `fitted`, some of them coloured
 * (see `colour`), and the students, which together count as much as the views.
 *
 * All that sees a label is made of the training rows alone, and out of fold without the fold.
 *
 * @param fitted - The views of the training rows, with the classifiers of the folds.
 * @param rows - The training rows.
 */
export async function learnFromUnlabelled(
  fitted: FittedViews,
  data: LabelledFeatures,
  rows: Int32Array,
  unlabelled: Unlabelled,
  options: FitHeadOptions,
): Promise<Pick<FittedViews, "views" | "outOfFold" | "targets">> {
  const heldOut = fitted.folds[0]!.map(({ fold }) => fold);
  const lesson = await teach(fitted, data, rows, unlabelled, heldOut, options);
  const shareOf = ({ share = 1 }: ViewRecipe): number => share;
  const total = fitted.views.reduce((sum, { recipe }) => sum + shareOf(recipe), 0);

  const views: FittedView[] = [];
  const outOfFold: OutOfFold[] = [];
  for (const [index, view] of fitted.views.entries()) {
    const own = unlabelled.views.find(({ recipe }) => recipe.name === view.recipe.name);
    if (own?.coloured === undefined) {
      views.push(view);
      outOfFold.push(fitted.outOfFold[index]!);
      continue;
    }
    const coloured = await fitColoured(own, data, rows, fitted, options);
    views.push(coloured.view);
    outOfFold.push(coloured.outOfFold);
  }
  const students = unlabelled.views.filter(({ student }) => student !== undefined);
  for (const view of students) {
    options.signal?.throwIfAborted();
    const share = total / students.length;
    const student = await fitStudent(view, share, lesson, data, rows, fitted, heldOut, options);
    views.push(student.view);
    outOfFold.push(student.outOfFold);
  }
  return { views, outOfFold, targets: fitted.targets };
}

interface FittedOne {
  readonly view: FittedView;
  readonly outOfFold: OutOfFold;
}

/** The usual probe on a coloured view. */
async function fitColoured(
  { recipe, tfidf, coloured }: UnlabelledView,
  data: LabelledFeatures,
  rows: Int32Array,
  { targets, foldOf }: FittedViews,
  { linearAlgebra, classWeights, signal }: FitHeadOptions,
): Promise<FittedOne> {
  const plain = viewFeatures(recipe, tfidf, data, rows);
  const features = await coordinatesOf(coloured!, plain, linearAlgebra);
  const { classes } = data;
  const labels = { targets, classes, folds: foldOf, classWeights };
  const probe = await fitProbe({ ...labels, features, linearAlgebra, signal });
  const linear = await modelOfFeatures(coloured!, probe.linear, linearAlgebra);
  return {
    view: {
      recipe: { ...recipe, name: recipe.name + COLOURED_SUFFIX },
      tfidf,
      classifier: { kind: "logistic", linear, c: probe.c },
    },
    outOfFold: probe.outOfFold,
  };
}

/** What students learn of the unlabelled rows. */
interface Lesson {
  /** The teacher's probabilities, classes x rows: of the teacher of all rows, and without each fold. */
  readonly targets: readonly Matrix32[];
  /** What each row counts, for each of them: 1 where the teacher is certain, 0 where it knows nothing. */
  readonly confidence: readonly Float64Array[];
}

async function teach(
  fitted: FittedViews,
  data: LabelledFeatures,
  rows: Int32Array,
  unlabelled: Unlabelled,
  heldOut: readonly number[],
  { linearAlgebra }: FitHeadOptions,
): Promise<Lesson> {
  const { targets, foldOf } = fitted;
  const { classes } = data;
  const held = fitted.outOfFold[0]!.rows;
  const graph = makeGraph(
    unlabelled.graph,
    rows.map((row) => unlabelled.labelledNumber.get(row)!),
  );
  const byGraph = predictByGraph(graph, { targets, classes, foldOf, heldOut, rows: held });
  const shares = fitted.views.map(({ recipe }) => recipe.share ?? 1);
  const { weights } = fitStack(
    [...fitted.outOfFold.map(({ logProbabilities }) => logProbabilities), byGraph.outOfFold],
    gather(targets, held),
    { shares: [...shares, shares.reduce((sum, share) => sum + share, 0) / 2] },
  );
  const pooled = [byGraph.all, ...byGraph.withoutFold];
  for (const { data: values } of pooled) {
    for (let i = 0; i < values.length; i++) values[i]! *= weights.at(-1)!;
  }
  for (const [index, view] of fitted.views.entries()) {
    if (weights[index] === 0) continue;
    const models = fitted.folds[index]!.map(({ linear }) => linear);
    const says = await predictUnlabelled(view, models, data, unlabelled, linearAlgebra);
    [says.all, ...says.withoutFold].forEach((logProbabilities, part) => {
      addScaled(pooled[part]!.data, weights[index]!, logProbabilities.data);
    });
  }
  const taught = pooled.map(sharpen);
  return {
    targets: taught.map(({ probabilities }) => probabilities),
    confidence: taught.map(({ confidence }) => confidence),
  };
}

/** What a view's classifier and those of its folds say about unlabelled rows, in one product. */
async function predictUnlabelled(
  { recipe, tfidf, classifier }: FittedView,
  foldModels: readonly LinearModel[],
  data: LabelledFeatures,
  unlabelled: Unlabelled,
  algebra: LinearAlgebra,
): Promise<UnlabelledPredictions> {
  const { rows } = unlabelled;
  if (classifier.kind !== "logistic") throw new Error("internal: a probe is logistic");
  const models = [classifier.linear, ...foldModels];
  const { classes } = data;
  const { cols } = weightMatrix(classifier.linear);
  const packed: LinearModel = {
    weights: new Float64Array(models.length * classes * cols),
    bias: new Float64Array(models.length * classes),
  };
  models.forEach(({ weights, bias }, index) => {
    packed.weights.set(weights, index * weights.length);
    packed.bias.set(bias, index * classes);
  });
  const [all, ...withoutFold] = models.map(() => zeros64(rows.length, classes));
  const results = [all!, ...withoutFold];
  for (let start = 0; start < rows.length; start += BLOCK_ROWS) {
    const chosen = rows.subarray(start, start + BLOCK_ROWS);
    const words = tfidf && knownTerms(tfidf, unlabelled, start);
    const features = words ?? viewFeatures(recipe, tfidf, data, chosen);
    const logits = await linearLogits(packed, features, algebra);
    results.forEach((result, index) => {
      for (let row = 0; row < chosen.length; row++) {
        const from = row * logits.cols + index * classes;
        rowOf(result, start + row).set(logits.data.subarray(from, from + classes));
      }
    });
  }
  const [first, ...others] = results.map(logSoftmaxRows);
  return { all: first!, withoutFold: others };
}

/** A block of rows whose texts were taken apart before in the same way; undefined where they were not. */
function knownTerms(tfidf: TfidfModel, { terms }: Unlabelled, start: number): Csr | undefined {
  if (terms?.tokenization.segmented !== tfidf.tokenization.segmented) return undefined;
  return weighTerms(tfidf, terms.terms.slice(start, start + BLOCK_ROWS));
}

/** Squared and normalised probabilities, class by class, and how certain each row is. */
function sharpen(logits: Matrix64): { probabilities: Matrix32; confidence: Float64Array } {
  const { rows, cols } = logits;
  const squared = logSoftmaxRows({
    ...logits,
    data: logSoftmaxRows(logits).data.map((v) => 2 * v),
  });
  const probabilities = zeros32(cols, rows);
  const confidence = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let largest = 0;
    rowOf(squared, row).forEach((value, k) => {
      const probability = Math.exp(value);
      probabilities.data[k * rows + row] = probability;
      largest = Math.max(largest, probability);
    });
    confidence[row] = Math.max(0, (largest - 1 / cols) / (1 - 1 / cols));
  }
  return { probabilities, confidence };
}

/** A linear probe on labelled rows and on what the teacher says about the others. */
async function fitStudent(
  { recipe, tfidf, student }: UnlabelledView,
  share: number,
  lesson: Lesson,
  data: LabelledFeatures,
  rows: Int32Array,
  { targets, foldOf, outOfFold }: FittedViews,
  heldOut: readonly number[],
  options: FitHeadOptions,
): Promise<FittedOne> {
  const { linearAlgebra, signal } = options;
  const { space, coordinates } = student!;
  const own = await coordinatesOf(space, viewFeatures(recipe, tfidf, data, rows), linearAlgebra);
  const { classes } = data;
  const x = joinRows(own, coordinates, classes);
  const design = denseDesign(x, linearAlgebra);
  const labels = { targets: new Int32Array(x.rows), classes };
  const labelWeights = classRowWeights(targets, classes, options.classWeights);
  const problemOf = (part: number, fold: number | undefined, start?: LinearModel) => ({
    c: STUDENT_C,
    start,
    softTargets: joinTargets(targets, classes, lesson.targets[part]!),
    rowWeights: Float64Array.from({ length: x.rows }, (_, row) => {
      if (row >= rows.length) return lesson.confidence[part]![row - rows.length]!;
      return foldOf[row] === fold ? 0 : labelWeights[row]!;
    }),
  });
  const fitting = { tolerance: STUDENT_TOLERANCE, signal };
  const [model] = await fitLogistic(design, labels, [problemOf(0, undefined)], fitting);
  const folds = await fitLogistic(
    design,
    labels,
    heldOut.map((fold, index) => problemOf(index + 1, fold, model)),
    fitting,
  );
  const held = outOfFold[0]!.rows;
  const linear = await modelOfFeatures(space, model!, linearAlgebra);
  return {
    view: {
      recipe: { ...recipe, name: recipe.name + STUDENT_SUFFIX, share },
      tfidf,
      classifier: { kind: "logistic", linear, c: STUDENT_C },
    },
    outOfFold: {
      rows: held,
      logProbabilities: predictHeldOut(own, folds, (row) => heldOut.indexOf(foldOf[row]!), held),
    },
  };
}

/** What the classifier that has not seen a row says about it. */
function predictHeldOut(
  coordinates: Matrix32,
  models: readonly LinearModel[],
  modelOf: (row: number) => number,
  rows: Int32Array,
): Matrix64 {
  const logits = zeros64(rows.length, models[0]!.bias.length);
  rows.forEach((row, place) => {
    const { weights, bias } = models[modelOf(row)]!;
    const x = rowOf(coordinates, row);
    const target = rowOf(logits, place);
    bias.forEach((value, k) => {
      let sum = value;
      for (let i = 0; i < x.length; i++) sum += weights[k * x.length + i]! * x[i]!;
      target[k] = sum;
    });
  });
  return logSoftmaxRows(logits);
}

/** Labelled rows before unlabelled ones, in the precision that suits the solver. */
function joinRows(labelled: Matrix32, unlabelled: Matrix32, classes: number): Matrix {
  const shape = { rows: labelled.rows + unlabelled.rows, cols: labelled.cols };
  const probe = { ...shape, data: labelled.data };
  const joined = needsDouble(probe, classes)
    ? zeros64(shape.rows, shape.cols)
    : zeros32(shape.rows, shape.cols);
  joined.data.set(labelled.data);
  joined.data.set(unlabelled.data, labelled.data.length);
  return joined;
}

/** The labels before what the teacher says: classes x rows. */
function joinTargets(targets: Int32Array, classes: number, taught: Matrix32): Matrix32 {
  const joined = zeros32(classes, targets.length + taught.cols);
  for (let k = 0; k < classes; k++) {
    const row = rowOf(joined, k);
    targets.forEach((target, index) => {
      if (target === k) row[index] = 1;
    });
    row.set(rowOf(taught, k), targets.length);
  }
  return joined;
}
