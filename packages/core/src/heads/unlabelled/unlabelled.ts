import type { LabelledFeatures } from "../../features/labelled-features.js";
import { type LinearAlgebra, type Matrix32, rowOf, zeros32 } from "../../math/matrix.js";
import { toUnitLength } from "../../math/vector.js";
import { scalesOf, viewFeatures } from "../views/view-matrix.js";
import { LAST_STANDARD_VIEW, LAST_VIEW, type ViewRecipe, WORDS_VIEW } from "../views/views.js";
import { type Tokenization, termsOf } from "../words/terms.js";
import { fitTfidf, type TfidfModel, weighTerms } from "../words/tfidf.js";
import { type GraphParts, graphParts } from "./graph.js";
import {
  allCoordinates,
  colour,
  firstAxes,
  firstColumns,
  fitSpace,
  type LinearSpace,
  type ViewRows,
} from "./space.js";

/**
 * What unlabelled rows tell before any label is seen: in which directions each view varies, and which
 * rows are neighbours. It serves the fits of all folds, since no labelled row has a part in it but as a
 * possible neighbour, which each fold chooses among.
 */
export interface Unlabelled {
  /** Their numbers in the table. */
  readonly rows: Int32Array;
  readonly views: readonly UnlabelledView[];
  readonly graph: GraphParts;
  /** Number of each labelled row in the graph, by its number in the table. */
  readonly labelledNumber: ReadonlyMap<number, number>;
  /** The terms of each row; undefined for images. */
  readonly terms: TermsOfRows | undefined;
}

/** Texts that were taken apart, and how. */
export interface TermsOfRows {
  readonly tokenization: Tokenization;
  readonly terms: readonly (readonly string[])[];
}

/** A view in the coordinates of the unlabelled rows. */
export interface UnlabelledView {
  readonly recipe: ViewRecipe;
  /** The words of the unlabelled rows, on the view on words. */
  readonly tfidf: TfidfModel | undefined;
  /** What takes the place of the view itself, where it is one of those that gain by it. */
  readonly coloured: LinearSpace | undefined;
  /** What a student learns from, on the views that have one. */
  readonly student: { readonly space: LinearSpace; readonly coordinates: Matrix32 } | undefined;
}

/** Axes of a coloured view, and of all others. */
const COLOURED_AXES = 384;
const AXES = 256;

/** Which views are coloured, have a student, and make the graph; chosen on open data for both modalities. */
const COLOURED: ReadonlySet<string> = new Set([LAST_VIEW, LAST_STANDARD_VIEW, WORDS_VIEW]);
const STUDENTS: ReadonlySet<string> = new Set([...COLOURED, "layers-mean-max"]);
const GRAPH: ReadonlySet<string> = new Set([LAST_VIEW, "layers-mean"]);

/**
 * Reads unlabelled rows.
 *
 * @param data - A table with both kinds of rows.
 * @param recipes - The views of the stack.
 * @param labelled - Every labelled row that may be learned from.
 */
export async function readUnlabelled(
  data: Pick<LabelledFeatures, "table" | "texts">,
  recipes: readonly ViewRecipe[],
  rows: Int32Array,
  labelled: Int32Array,
  { linearAlgebra, signal }: { linearAlgebra: LinearAlgebra; signal?: AbortSignal | undefined },
): Promise<Unlabelled> {
  const views: UnlabelledView[] = [];
  let terms: TermsOfRows | undefined;
  const graphViews: { unlabelled: Matrix32; labelled: Matrix32 }[] = [];
  for (const recipe of recipes) {
    signal?.throwIfAborted();
    const { name } = recipe;
    const [isColoured, isStudent] = [COLOURED.has(name), STUDENTS.has(name)];
    if (!isColoured && !isStudent && !GRAPH.has(name)) continue;
    const tfidf = recipe.kind === "words" ? wordsOf(data, rows) : undefined;
    if (tfidf) terms = termsOfRows(data, rows, tfidf);
    const source = (of: Int32Array): ViewRows => ({
      rows: of.length,
      read: (chosen) =>
        viewFeatures(
          recipe,
          tfidf,
          data,
          chosen.map((row) => of[row]!),
        ),
    });
    const own = tfidf && terms ? wordRows(tfidf, terms) : source(rows);
    const { space: wide, coordinates: all } = await fitSpace(
      own,
      isColoured ? COLOURED_AXES : AXES,
      (variances) => scalesFor(recipe, variances, rows.length),
      linearAlgebra,
    );
    const space = firstAxes(wide, AXES);
    const coordinates = firstColumns(all, AXES);
    if (GRAPH.has(name)) {
      const others = await allCoordinates(space, source(labelled), linearAlgebra);
      graphViews.push({ unlabelled: coordinates, labelled: others });
    }
    if (!isColoured && !isStudent) continue;
    const meanVariance = recipe.kind === "words" ? 1 / wide.axes.rows : wide.meanVariance;
    views.push({
      recipe,
      tfidf,
      coloured: isColoured ? colour(wide, meanVariance) : undefined,
      student: isStudent ? { space, coordinates } : undefined,
    });
  }
  const graph = await graphParts(
    besides(graphViews.map(({ unlabelled }) => unlabelled)),
    besides(graphViews.map(({ labelled: those }) => those)),
    linearAlgebra,
  );
  const labelledNumber = new Map(Array.from(labelled, (row, number) => [row, number]));
  return { rows, views, graph, labelledNumber, terms };
}

/** Words that occur in two of the unlabelled rows. */
function wordsOf({ texts }: Pick<LabelledFeatures, "texts">, rows: Int32Array): TfidfModel {
  return fitTfidf(
    Array.from(rows, (row) => texts![row]!),
    { minDocuments: 2 },
  );
}

function termsOfRows(
  { texts }: Pick<LabelledFeatures, "texts">,
  rows: Int32Array,
  { tokenization }: TfidfModel,
): TermsOfRows {
  return { tokenization, terms: Array.from(rows, (row) => termsOf(texts![row]!, tokenization)) };
}

/** The view on words of rows that were taken apart before. */
function wordRows(tfidf: TfidfModel, { terms }: TermsOfRows): ViewRows {
  return {
    rows: terms.length,
    read: (chosen) =>
      weighTerms(
        tfidf,
        Array.from(chosen, (row) => terms[row]!),
      ),
  };
}

function scalesFor(recipe: ViewRecipe, variances: Float64Array, rows: number): Float64Array {
  if (recipe.kind === "words" || recipe.normalize === "length") {
    return new Float64Array(variances.length).fill(1);
  }
  return scalesOf(
    variances,
    rows,
    recipe.columns.map(({ width }) => width),
  );
}

/** Rows of length 1, whose dot products are the mean cosine of several views. */
function besides(views: readonly Matrix32[]): Matrix32 {
  const cols = views.reduce((sum, view) => sum + view.cols, 0);
  const result = zeros32(views[0]!.rows, cols);
  const share = 1 / Math.sqrt(views.length);
  for (let row = 0; row < result.rows; row++) {
    const target = rowOf(result, row);
    let at = 0;
    for (const view of views) {
      const vector = rowOf(view, row).slice();
      toUnitLength(vector);
      for (const value of vector) target[at++] = value * share;
    }
  }
  return result;
}
