/** A dense matrix in row-major order. */
export interface Matrix<A extends Float32Array | Float64Array = Float32Array | Float64Array> {
  readonly rows: number;
  readonly cols: number;
  readonly data: A;
}

/** Double precision, for solvers. */
export type Matrix64 = Matrix<Float64Array>;

/** Single precision, for features and for large problems. */
export type Matrix32 = Matrix<Float32Array>;

/**
 * The few dense kernels that heads need. `runtime/` gives one that runs on ONNX Runtime; `math/`
 * has a plain one for small problems and for tests.
 */
export interface LinearAlgebra {
  /**
   * `op(a) · op(b)`, where `op` transposes on request. Both operands have the same precision, which
   * is also the result's.
   */
  multiply<A extends Float32Array | Float64Array>(
    a: Matrix<A>,
    b: Matrix<A>,
    transpose?: { a?: boolean; b?: boolean },
  ): Promise<Matrix<A>>;
}
