/** A point at which the objective is asked for: the caller fills in `value` and `gradient`. */
export interface Evaluation {
  readonly x: Float64Array;
  readonly gradient: Float64Array;
  value: number;
}
