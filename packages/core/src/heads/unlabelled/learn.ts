import type { LabelledFeatures } from "../../features/labelled-features.js";
import { fitProbe } from "../logistic/probe.js";
import type { FitHeadOptions, FittedViews } from "../stack/stacked-head.js";
import { viewFeatures } from "../views/view-matrix.js";
import { coordinatesOf, type LinearSpace, modelOfFeatures } from "./space.js";
import { fitStudent } from "./student.js";
import { teach } from "./teacher.js";
import type { FittedOne, Training } from "./training.js";
import type { Unlabelled, UnlabelledView } from "./unlabelled.js";

/** What the name of a coloured view ends in. */
const SUFFIX = "-coloured";

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
  const training: Training = { fitted, data, rows, unlabelled, heldOut, options };
  const lesson = await teach(training);
  const learned: FittedOne[] = [];
  for (const [index, view] of fitted.views.entries()) {
    const own = unlabelled.views.find(({ recipe }) => recipe.name === view.recipe.name);
    const known = { view, outOfFold: fitted.outOfFold[index]! };
    const isColoured = own?.coloured !== undefined;
    learned.push(isColoured ? await fitColoured(own, own.coloured, training) : known);
  }
  const students = unlabelled.views.filter(({ student }) => student !== undefined);
  const total = fitted.views.reduce((sum, { recipe: { share = 1 } }) => sum + share, 0);
  for (const view of students) {
    options.signal?.throwIfAborted();
    learned.push(await fitStudent(view, total / students.length, lesson, training));
  }
  return {
    views: learned.map(({ view }) => view),
    outOfFold: learned.map(({ outOfFold }) => outOfFold),
    targets: fitted.targets,
  };
}

/** The usual probe on a coloured view. */
async function fitColoured(
  { recipe, tfidf }: UnlabelledView,
  space: LinearSpace,
  { fitted, data, rows, options }: Training,
): Promise<FittedOne> {
  const { linearAlgebra, classWeights, signal } = options;
  const plain = viewFeatures(recipe, tfidf, data, rows);
  const features = await coordinatesOf(space, plain, linearAlgebra);
  const { classes } = data;
  const labels = { targets: fitted.targets, classes, folds: fitted.foldOf, classWeights };
  const probe = await fitProbe({ ...labels, features, linearAlgebra, signal });
  const linear = await modelOfFeatures(space, probe.linear, linearAlgebra);
  return {
    view: {
      recipe: { ...recipe, name: recipe.name + SUFFIX },
      tfidf,
      classifier: { kind: "logistic", linear, c: probe.c },
    },
    outOfFold: probe.outOfFold,
  };
}
