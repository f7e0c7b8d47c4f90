/** What each method of a protocol takes and gives. An interface with a member for each method. */
export type Signatures<M> = {
  readonly [K in keyof M]: {
    readonly params: unknown;
    readonly result: unknown;
    /** What the caller is told while the call is being answered. Left out: nothing. */
    readonly event?: unknown;
  };
};

/** What a method tells its caller before it has its result. */
export type EventOf<S> = S extends { readonly event: infer E } ? E : never;

/** One method as both sides know it. */
export interface MethodRules<Params, Result, Event = never> {
  /** Whether parameters that have arrived are what the method takes: fields, types and sizes. */
  readonly isParams: (value: unknown) => value is Params;
  /** Whether a result that has arrived is what the method gives. */
  readonly isResult: (value: unknown) => value is Result;
  /** Whether an event that has arrived is one of the method. Default: it has none. */
  readonly isEvent?: (value: unknown) => value is Event;
  /**
   * The arrays of the parameters that move to the other side instead of being copied. Default: none.
   * They are empty here once the call is made.
   */
  readonly moveParams?: (params: Params) => Iterable<unknown>;
  /** The arrays of the result that move. Default: none. */
  readonly moveResult?: (result: Result) => Iterable<unknown>;
}

/** The methods of a protocol, by name. */
export type Protocol<M extends Signatures<M>> = {
  readonly [K in keyof M]: MethodRules<M[K]["params"], M[K]["result"], EventOf<M[K]>>;
};

/** A call that is being answered. */
export interface Call<Event = never> {
  /** Aborted when the caller no longer waits. Made when it is first looked at: most calls need none. */
  readonly signal: AbortSignal;
  /** Tells the caller something before the result is there. */
  readonly notify: (event: Event) => void;
}

/** What answers the calls of a protocol. What a handler throws is thrown to the caller. */
export type Handlers<M extends Signatures<M>> = {
  readonly [K in keyof M]: (
    params: M[K]["params"],
    call: Call<EventOf<M[K]>>,
  ) => Promise<M[K]["result"]>;
};
