import { outerPath, withParents } from "./paths.js";

/** What was set last at one place of the tree. */
interface Setting {
  readonly trainable: boolean;
  /** Settings in the order in which they were made. */
  readonly order: number;
}

/** Where nothing was ever set. */
const UNSET: Setting = { trainable: true, order: 0 };

let settings = 0;

/**
 * Which layers and weights are trainable, by dotted path. Every place remembers what was set there.
 * A layer that is frozen covers all that is in it; what is in it can be unfrozen again by itself, and
 * once the layer is trainable again each part is as it was set.
 */
export class TrainableFlags {
  readonly #settings = new Map<string, Setting>();
  readonly #base: TrainableFlags | undefined;
  readonly #own: ReadonlySet<string>;

  /**
   * @param base - Flags of the model that new layers were put on; shared, as the weights are.
   * @param own - Names of the new layers of the first level.
   */
  constructor(base?: TrainableFlags, own: Iterable<string> = []) {
    this.#base = base;
    this.#own = new Set(own);
  }

  /** Sets a layer or weight; the empty path is the whole model. */
  set(path: string, trainable: boolean): void {
    const base = this.#baseOf(path);
    if (base !== undefined) {
      base.set(path, trainable);
      return;
    }
    if (path === "") this.#base?.set(path, trainable);
    settings += 1;
    this.#settings.set(path, { trainable, order: settings });
  }

  /** Whether a layer or weight is trainable: nothing that it is in covers it. */
  isTrainable(path: string): boolean {
    // From the place itself outwards; what was set nearer and later counts.
    let newestTrue = 0;
    for (const place of placesOf(path)) {
      const { trainable, order } = this.#get(place, path);
      if (trainable) newestTrue = Math.max(newestTrue, order);
      else if (order > newestTrue) return false;
    }
    return true;
  }

  /** The setting of a place around `path`: the whole model is that of the layer's own model. */
  #get(place: string, path: string): Setting {
    const base = this.#baseOf(path);
    if (base !== undefined) return base.#get(place, path);
    // The new layers of a model are not covered by what was set for its base.
    return this.#settings.get(place) ?? UNSET;
  }

  #baseOf(path: string): TrainableFlags | undefined {
    const [first = ""] = path.split(".", 1);
    return this.#own.has(first) || path === "" ? undefined : this.#base;
  }
}

/** `a.b.c`, `a.b`, `a` and the whole model. */
function* placesOf(path: string): Generator<string> {
  if (path !== "") yield path;
  const outer = outerPath(path);
  if (outer !== "") yield* withParents(outer);
  yield "";
}
