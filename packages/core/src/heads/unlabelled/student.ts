import {
  type Matrix,
  type Matrix32,
  type Matrix64,
  rowOf,
  zeros32,
  zeros64,
} from "../../math/matrix.js";
import { logSoftmaxRows } from "../../math/softmax.js";
import { denseDesign, needsDouble } from "../logistic/design.js";
import { type LinearModel, meanModel } from "../logistic/linear-model.js";
import { fitLogistic } from "../logistic/logistic.js";
import { classRowWeights } from "../logistic/probe.js";
import { viewFeatures } from "../views/view-matrix.js";
import { coordinatesOf, modelOfFeatures } from "./space.js";
import type { Lesson } from "./teacher.js";
import type { FittedOne, Training } from "./training.js";
import type { UnlabelledView } from "./unlabelled.js";

/** What the name of a student ends in, after that of the view that it learns from. */
const SUFFIX = "-student";

/** Inverse strength of the regularisation: chosen out of fold on a few rows it can be far off. */
const STUDENT_C = 20;
/** See `LbfgsOptions.tolerance`. What is learned is only what a teacher says. */
const TOLERANCE = 1e-3;

/**
 * A linear probe on labelled rows and on what the teacher says about the others.
 *
 * @param share - What the student counts in the stack before any label is seen.
 */
export async function fitStudent(
  { recipe, tfidf, student }: UnlabelledView,
  share: number,
  lesson: Lesson,
  { fitted, data, rows, heldOut, options }: Training,
): Promise<FittedOne> {
  const { linearAlgebra, signal } = options;
  const { targets, foldOf, outOfFold } = fitted;
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
  const fitting = { tolerance: TOLERANCE, signal };
  // The folds first: started at the model of all rows, they would know of the labels they leave out.
  const folds = await fitLogistic(
    design,
    labels,
    heldOut.map((fold, index) => problemOf(index + 1, fold)),
    fitting,
  );
  const [model] = await fitLogistic(
    design,
    labels,
    [problemOf(0, undefined, folds.length > 0 ? meanModel(folds) : undefined)],
    fitting,
  );
  const held = outOfFold[0]!.rows;
  const linear = await modelOfFeatures(space, model!, linearAlgebra);
  return {
    view: {
      recipe: { ...recipe, name: recipe.name + SUFFIX, share },
      tfidf,
      classifier: { kind: "logistic", linear, c: STUDENT_C },
    },
    outOfFold: {
      rows: held,
      logProbabilities: predictHeldOut(
        own,
        folds,
        (row) => heldOut.indexOf(foldOf[row]!),
        held,
        classes,
      ),
    },
  };
}

/** What the classifier that has not seen a row says about it. */
function predictHeldOut(
  coordinates: Matrix32,
  models: readonly LinearModel[],
  modelOf: (row: number) => number,
  rows: Int32Array,
  classes: number,
): Matrix64 {
  const logits = zeros64(rows.length, classes);
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
