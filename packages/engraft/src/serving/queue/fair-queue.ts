/** What waits in a queue, by whoever sent it, in the order in which it came. */
interface Flow<T> {
  readonly waiting: { readonly item: T; readonly cost: number; readonly finish: number }[];
  /** When the last item of the flow would be done in a fair world. */
  finish: number;
}

/** What is served before somebody who comes now. */
export interface Ahead {
  readonly items: number;
  readonly cost: number;
}

/**
 * A queue that shares what is served among those who wait (weighted fair queueing): each item gets
 * the time at which it would be done if all flows were served at once at equal rates, and the
 * earliest goes first. So a flow of few or cheap items is not behind a flow of many or dear ones,
 * and none waits for ever.
 */
export class FairQueue<T> {
  readonly #flows = new Map<object, Flow<T>>();
  /** The time of the fair world: what each flow could have been served so far. */
  #now = 0;
  #size = 0;
  #cost = 0;

  /** Items that wait. */
  get size(): number {
    return this.#size;
  }

  /** What all that waits costs together. */
  get cost(): number {
    return this.#cost;
  }

  /**
   * @param flow - Whoever sent the item, a request for one.
   * @param cost - Above 0, in any unit that all items share.
   */
  add(flow: object, item: T, cost: number): void {
    const known = this.#flows.get(flow) ?? { waiting: [], finish: 0 };
    this.#flows.set(flow, known);
    known.finish = Math.max(this.#now, known.finish) + cost;
    known.waiting.push({ item, cost, finish: known.finish });
    this.#size += 1;
    this.#cost += cost;
  }

  /** The item that is served next, and its cost. */
  peek(): { readonly item: T; readonly cost: number } | undefined {
    return this.#first()?.[1].waiting[0];
  }

  /** Takes the item that is served next. */
  take(): T | undefined {
    const first = this.#first();
    if (first === undefined) return undefined;
    const [flow, { waiting }] = first;
    const { item, cost } = waiting.shift()!;
    this.#now += cost / this.#flows.size;
    if (waiting.length === 0) this.#flows.delete(flow);
    this.#size -= 1;
    this.#cost -= cost;
    return item;
  }

  /** Removes all that a flow still has in the queue, and returns it. */
  drop(flow: object): T[] {
    const dropped = this.#flows.get(flow)?.waiting ?? [];
    this.#flows.delete(flow);
    this.#size -= dropped.length;
    for (const { cost } of dropped) this.#cost -= cost;
    return dropped.map(({ item }) => item);
  }

  /** What is served before an item of the usual cost that a new flow adds now. */
  ahead(): Ahead {
    const cost = this.#size === 0 ? 0 : this.#cost / this.#size;
    const mine = this.#now + cost;
    let items = 0;
    let total = 0;
    for (const { waiting } of this.#flows.values()) {
      for (const each of waiting) {
        // Sums of the same costs may differ in their last bits.
        if (each.finish > mine * (1 + Number.EPSILON * this.#size)) break;
        items += 1;
        total += each.cost;
      }
    }
    return { items, cost: total };
  }

  #first(): [object, Flow<T>] | undefined {
    let best: [object, Flow<T>] | undefined;
    for (const entry of this.#flows) {
      if (best === undefined || entry[1].waiting[0]!.finish < best[1].waiting[0]!.finish) {
        best = entry;
      }
    }
    return best;
  }
}
