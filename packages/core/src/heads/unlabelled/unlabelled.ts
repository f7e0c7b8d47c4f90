import { gather, type LabelledFeatures } from "../../features/labelled-features.js";
import {
  type LinearAlgebra,
  type Matrix32,
  selectRows,
  spacedRowNumbers,
} from "../../math/matrix.js";
import { meanCosineRows } from "../distance/neighbour-graph.js";
import { scalesOf, viewFeatures } from "../views/view-matrix.js";
import {
  LAST_STANDARD_VIEW,
  LAST_VIEW,
  type LayerView,
  type ViewRecipe,
  WORDS_VIEW,
} from "../views/views.js";
import {
  countsOfRows,
  countTerms,
  fitTfidfToCounts,
  type TermCounts,
  weighCounts,
} from "../words/term-counts.js";
import type { TfidfModel } from "../words/tfidf.js";
import { type GraphParts, graphParts } from "./graph.js";
import { type KeptGraph, keepGraph } from "./kept-graph.js";
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
  /** Places among them that students learn from, evenly spaced; all of them unless they are many. */
  readonly taught: Int32Array;
  /** The terms of these; undefined for images. */
  readonly terms: TermCounts | undefined;
  /** How large a part of the rows each class is taken to be; undefined: all the same. */
  readonly classShares: Float64Array | undefined;
  /** The graph as it is kept to classify other rows by; undefined where it is not to be kept. */
  readonly keptGraph: KeptGraph | undefined;
}

/** How unlabelled rows are read. */
export interface ReadUnlabelledOptions {
  readonly linearAlgebra: LinearAlgebra;
  readonly signal?: AbortSignal | undefined;
  /** How large a part of the rows each class is known to be. Default: all the same. */
  readonly classShares?: Float64Array | undefined;
  /** Whether vectors of the rows may be kept, to classify by. Default: no. */
  readonly keep?: boolean | undefined;
}

/** A view in the coordinates of the unlabelled rows. */
export interface UnlabelledView {
  readonly recipe: ViewRecipe;
  /** The words of the unlabelled rows, on the view on words. */
  readonly tfidf: TfidfModel | undefined;
  /** What takes the place of the view itself, where it is one of those that gain by it. */
  readonly coloured: LinearSpace | undefined;
  /** What a student learns from, on the views that have one: the rows that are taught. */
  readonly student: { readonly space: LinearSpace; readonly coordinates: Matrix32 } | undefined;
}

/** Rows that students learn from at most, and rows x classes beyond the least number of rows. */
const MOST_TAUGHT = 20_000;
const LEAST_MOST_TAUGHT = 4_000;
const TAUGHT_PRODUCT = 400_000;

/** Axes of a coloured view, and of all others. */
const COLOURED_AXES = 384;
const AXES = 256;

/** Which views are coloured, have a student, and make the graph; chosen on open data for both modalities. */
const COLOURED: ReadonlySet<string> = new Set([LAST_VIEW, LAST_STANDARD_VIEW, WORDS_VIEW]);
const STUDENTS: ReadonlySet<string> = new Set([...COLOURED, "layers-mean-max"]);
const GRAPH: ReadonlySet<string> = new Set([LAST_VIEW, "layers-mean"]);

/**
 * How many of so many unlabelled rows students learn from. All of them have a part in the axes and in
 * the graph; what a student of a few hundred weights a class learns does not need as many.
 */
export function taughtCount(rows: number, classes: number): number {
  const most = Math.max(LEAST_MOST_TAUGHT, Math.floor(TAUGHT_PRODUCT / classes));
  return Math.min(rows, most, MOST_TAUGHT);
}

/**
 * Reads unlabelled rows.
 *
 * @param data - A table with both kinds of rows.
 * @param recipes - The views of the stack.
 * @param labelled - Every labelled row that may be learned from.
 */
export async function readUnlabelled(
  data: Pick<LabelledFeatures, "table" | "texts" | "classes">,
  recipes: readonly ViewRecipe[],
  rows: Int32Array,
  labelled: Int32Array,
  { linearAlgebra, signal, classShares, keep = false }: ReadUnlabelledOptions,
): Promise<Unlabelled> {
  const taught = spacedRowNumbers(rows.length, taughtCount(rows.length, data.classes));
  const views: UnlabelledView[] = [];
  let terms: TermCounts | undefined;
  const graphViews: GraphPartOfRows[] = [];
  for (const recipe of recipes) {
    signal?.throwIfAborted();
    const { name } = recipe;
    const [isColoured, isStudent] = [COLOURED.has(name), STUDENTS.has(name)];
    if (!isColoured && !isStudent && !GRAPH.has(name)) continue;
    const counts = recipe.kind === "words" ? countTerms(textsOf(data, rows)) : undefined;
    // Words that occur in two of the rows.
    const tfidf = counts && fitTfidfToCounts(counts, { minDocuments: 2 });
    if (counts) terms = countsOfRows(counts, taught);
    const source = counts ? wordRows(tfidf!, counts) : layerRows(recipe, data, rows);
    const { space: wide, coordinates: all } = await fitSpace(
      source,
      isColoured ? COLOURED_AXES : AXES,
      (variances) => scalesFor(recipe, variances, rows.length),
      linearAlgebra,
    );
    const space = firstAxes(wide, AXES);
    const coordinates = firstColumns(all, AXES);
    if (recipe.kind === "layers" && GRAPH.has(name)) {
      const others = layerRows(recipe, data, labelled);
      graphViews.push({
        recipe,
        space,
        unlabelled: coordinates,
        labelled: await allCoordinates(space, others, linearAlgebra),
      });
    }
    if (!isColoured && !isStudent) continue;
    const meanVariance = 1 / (recipe.kind === "words" ? wide.axes.cols : wide.axes.rows);
    views.push({
      recipe,
      tfidf,
      coloured: isColoured ? colour(wide, meanVariance) : undefined,
      student: isStudent ? { space, coordinates: selectRows(coordinates, taught) } : undefined,
    });
  }
  const nodes = meanCosineRows(graphViews.map(({ unlabelled }) => unlabelled));
  const others = meanCosineRows(graphViews.map(({ labelled: those }) => those));
  const graph = await graphParts(nodes, others, linearAlgebra, signal);
  const keptGraph = keep ? keepGraph(graphViews, nodes, others) : undefined;
  const labelledNumber = new Map(Array.from(labelled, (row, number) => [row, number]));
  return { rows, taught, views, graph, labelledNumber, terms, classShares, keptGraph };
}

/** A view that the graph is made of, and the coordinates of all rows in it. */
interface GraphPartOfRows {
  readonly recipe: LayerView;
  readonly space: LinearSpace;
  readonly unlabelled: Matrix32;
  readonly labelled: Matrix32;
}

function textsOf({ texts }: Pick<LabelledFeatures, "texts">, rows: Int32Array): string[] {
  return Array.from(rows, (row) => texts![row]!);
}

function layerRows(
  recipe: ViewRecipe,
  data: Pick<LabelledFeatures, "table" | "texts">,
  rows: Int32Array,
): ViewRows {
  return {
    rows: rows.length,
    read: (chosen) => viewFeatures(recipe, undefined, data, gather(rows, chosen)),
  };
}

/** The view on words of texts that were taken apart. */
function wordRows(tfidf: TfidfModel, counts: TermCounts): ViewRows {
  return {
    rows: counts.counts.rows,
    read: (chosen) => weighCounts(tfidf, countsOfRows(counts, chosen)),
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
