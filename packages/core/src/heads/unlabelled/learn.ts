import type { LabelledFeatures, LabelNames } from "../../features/labelled-features.js";
import { zeros64 } from "../../math/matrix.js";
import { fitProbe } from "../logistic/probe.js";
import { namesModel } from "../names/names.js";
import type {
  FitHeadOptions,
  FittedView,
  FittedViews,
  StackedHead,
} from "../stack/stacked-head.js";
import { viewFeatures } from "../views/view-matrix.js";
import type { ViewRecipe } from "../views/views.js";
import type { GraphPredictions } from "./graph-view.js";
import { type KeptGraph, keptGraphModel } from "./kept-graph.js";
import { coordinatesOf, type LinearSpace, modelOfFeatures } from "./space.js";
import { fitStudent } from "./student.js";
import { type Lesson, teach, teachByGraph } from "./teacher.js";
import type { FittedOne, Training } from "./training.js";
import type { Unlabelled, UnlabelledView } from "./unlabelled.js";

/** What the name of a coloured view ends in. */
const SUFFIX = "-coloured";

/**
 * Learns from unlabelled rows. The stack of `fitted` and of a graph over all rows is a teacher: what it
 * says about the unlabelled rows, sharpened, is what linear students learn, each from one view, beside
 * the labels themselves. What comes back is to be stacked: the views of `fitted`, some of them coloured
 * (see `colour`), and the students, which together count as much as the views; where the graph may be
 * kept, it is one more view, which counts half as much as all others.
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
  const { lesson, graph } = await teach(training);
  const learned: FittedOne[] = [];
  for (const [index, view] of fitted.views.entries()) {
    const own = unlabelled.views.find(({ recipe }) => recipe.name === view.recipe.name);
    const known = { view, outOfFold: fitted.outOfFold[index]! };
    const isColoured = own?.coloured !== undefined;
    learned.push(isColoured ? await fitColoured(own, own.coloured, training) : known);
  }
  learned.push(...(await fitStudents(training, lesson, totalShare(fitted.views))));
  if (unlabelled.keptGraph !== undefined) {
    const share = totalShare(learned.map(({ view }) => view)) / 2;
    learned.push(keptGraphView(unlabelled.keptGraph, graph, share, training));
  }
  return {
    views: learned.map(({ view }) => view),
    outOfFold: learned.map(({ outOfFold }) => outOfFold),
    targets: fitted.targets,
  };
}

/** What some views together count in a stack before a label is seen. */
function totalShare(views: readonly FittedView[]): number {
  return views.reduce((sum, { recipe: { share = 1 } }) => sum + share, 0);
}

/**
 * A head without any label: the names of the labels vote in the graph, and students learn what it
 * makes of them. Nothing can be measured, so that all students count the same. The names themselves
 * are not stacked: students were right more often alone (docs/internals/heads.md).
 *
 * @param recipe - The view on the names.
 */
export async function learnFromNames(
  data: LabelledFeatures & { readonly names: LabelNames },
  recipe: ViewRecipe,
  unlabelled: Unlabelled,
  options: FitHeadOptions,
): Promise<StackedHead> {
  const none = new Int32Array(0);
  const { names } = data;
  const mean = names.centre ?? new Float64Array(names.vectors.cols);
  const classifier = { kind: "nearest-mean", model: namesModel(names, mean) } as const;
  const fitted: FittedViews = {
    views: [{ recipe, tfidf: undefined, classifier }],
    outOfFold: [{ rows: none, logProbabilities: zeros64(0, data.classes) }],
    folds: [[]],
    targets: none,
    foldOf: none,
  };
  const training: Training = { fitted, data, rows: none, unlabelled, heldOut: [], options };
  const students = await fitStudents(training, await teachByGraph(training), 1);
  const views = students.map(({ view }) => view);
  return { views, weights: views.map(() => 1 / views.length) };
}

/**
 * A student of each view that has one.
 *
 * @param share - What all of them together count in a stack before a label is seen.
 */
async function fitStudents(
  training: Training,
  lesson: Lesson,
  share: number,
): Promise<FittedOne[]> {
  const views = training.unlabelled.views.filter(({ student }) => student !== undefined);
  const students: FittedOne[] = [];
  for (const view of views) {
    training.options.signal?.throwIfAborted();
    students.push(await fitStudent(view, share / views.length, lesson, training));
  }
  return students;
}

/** @param share - What the view on the graph counts in a stack before a label is seen. */
function keptGraphView(
  kept: KeptGraph,
  says: GraphPredictions,
  share: number,
  { fitted, rows, unlabelled }: Training,
): FittedOne {
  const numbers = rows.map((row) => unlabelled.labelledNumber.get(row)!);
  return {
    view: {
      recipe: { ...kept.recipe, share },
      tfidf: undefined,
      classifier: { kind: "graph", model: keptGraphModel(kept, numbers, says) },
    },
    outOfFold: { rows: fitted.outOfFold[0]!.rows, logProbabilities: says.outOfFold },
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
