import { columnRanges } from "../../features/table.js";
import {
  type Matrix32,
  selectRows,
  spacedRowNumbers,
  stackRows,
  transposed,
} from "../../math/matrix.js";
import type { GraphPart, NeighbourGraphModel } from "../distance/neighbour-graph.js";
import type { LayerView } from "../views/views.js";
import { NEIGHBOURS } from "./graph.js";
import { FLOOR, type GraphPredictions } from "./graph-view.js";
import { firstColumns, type LinearSpace } from "./space.js";

/**
 * The graph as a view of its own, for tasks that may keep the vectors of unlabelled rows: a row that
 * comes later is joined to its nearest nodes, and has what they have of each class.
 */

/** Nodes of a graph, as the vectors that other rows are compared with. */
export interface KeptGraph {
  /** The columns that all parts read. */
  readonly recipe: LayerView;
  readonly parts: readonly GraphPart[];
  /** Which unlabelled rows are kept, by their places; all of them unless they are many. */
  readonly places: Int32Array;
  /** Vectors of these. */
  readonly unlabelled: Matrix32;
  /** Vectors of all labelled rows that may be learned from. */
  readonly labelled: Matrix32;
}

/** The name of the view. */
export const GRAPH_VIEW = "graph";

/** Unlabelled rows that are kept at most; those of a text base take 40 MB in a task. */
const MOST_KEPT = 20_000;

/** How many of so many unlabelled rows are kept. */
export function keptCount(rows: number): number {
  return Math.min(rows, MOST_KEPT);
}

/** What a graph is kept of: the views that it was made of, with the coordinates in each. */
export function keepGraph(
  views: readonly { readonly recipe: LayerView; readonly space: LinearSpace }[],
  unlabelled: Matrix32,
  labelled: Matrix32,
): KeptGraph {
  const { columns } = views.reduce((a, b) =>
    b.recipe.columns.length > a.recipe.columns.length ? b : a,
  ).recipe;
  const places = spacedRowNumbers(unlabelled.rows, keptCount(unlabelled.rows));
  return {
    recipe: {
      kind: "layers",
      name: GRAPH_VIEW,
      columns,
      normalize: "standard",
      classifier: "graph",
    },
    parts: views.map(({ recipe, space }) => ({
      ranges: columnRanges(columns, recipe.columns),
      isUnit: recipe.normalize === "length",
      axes: transposed(firstColumns(space.axes, space.stretch.length)),
      origin: space.origin.slice(0, space.stretch.length),
    })),
    places,
    unlabelled: selectRows(unlabelled, places),
    labelled,
  };
}

/** The nodes that are kept: of unlabelled rows, and all labelled ones of the graph. */
export function keptNodes({ places }: KeptGraph, unlabelled: number, labelled: number): Int32Array {
  const nodes = new Int32Array(places.length + labelled);
  nodes.set(places);
  for (let row = 0; row < labelled; row++) nodes[places.length + row] = unlabelled + row;
  return nodes;
}

/** A classifier by the nodes that are kept. */
export function keptGraphModel(
  kept: KeptGraph,
  labelled: Int32Array,
  { factor, kept: mass }: GraphPredictions,
): NeighbourGraphModel {
  return {
    parts: kept.parts,
    nodes: stackRows([kept.unlabelled, selectRows(kept.labelled, labelled)]),
    mass: mass!,
    neighbours: NEIGHBOURS,
    floor: FLOOR,
    factor,
  };
}
