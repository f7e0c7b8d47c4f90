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
   * is also the result's. The operands are left as they are.
   */
  multiply<A extends Float32Array | Float64Array>(
    a: Matrix<A>,
    b: Matrix<A>,
    transpose?: { a?: boolean; b?: boolean },
  ): Promise<Matrix<A>>;
}

/** A double-precision matrix of zeros. */
export function zeros64(rows: number, cols: number): Matrix64 {
  return { rows, cols, data: new Float64Array(rows * cols) };
}

/** A single-precision matrix of zeros. */
export function zeros32(rows: number, cols: number): Matrix32 {
  return { rows, cols, data: new Float32Array(rows * cols) };
}

/** A typed array of zeros with the element type of `like`. */
export function zerosLike<A extends Float32Array | Float64Array>(like: A, length: number): A {
  // The cast says what the compiler cannot follow: the branch and `A` are the same choice.
  return (like instanceof Float64Array ? new Float64Array(length) : new Float32Array(length)) as A;
}

/** Row `row` as a view on the matrix's own memory. */
export function rowOf<A extends Float32Array | Float64Array>(matrix: Matrix<A>, row: number): A {
  return matrix.data.subarray(row * matrix.cols, (row + 1) * matrix.cols) as A;
}

/** `count` rows from `start` on, or as many as there are, as a view on the matrix's own memory. */
export function rowRange<A extends Float32Array | Float64Array>(
  { rows, cols, data }: Matrix<A>,
  start: number,
  count: number,
): Matrix<A> {
  const end = Math.min(rows, start + count);
  return { rows: end - start, cols, data: data.subarray(start * cols, end * cols) as A };
}

/** The transposed matrix, as a copy. */
export function transposed<A extends Float32Array | Float64Array>(matrix: Matrix<A>): Matrix<A> {
  const { rows, cols, data } = matrix;
  const result = zerosLike(data, data.length);
  // Square tiles, so that both sides stay in cache.
  const tile = 32;
  for (let rowStart = 0; rowStart < rows; rowStart += tile) {
    const rowEnd = Math.min(rows, rowStart + tile);
    for (let colStart = 0; colStart < cols; colStart += tile) {
      const colEnd = Math.min(cols, colStart + tile);
      for (let row = rowStart; row < rowEnd; row++) {
        for (let col = colStart; col < colEnd; col++) {
          result[col * rows + row] = data[row * cols + col]!;
        }
      }
    }
  }
  return { rows: cols, cols: rows, data: result };
}

/** The given rows, in the given order, as a new matrix. */
export function selectRows<A extends Float32Array | Float64Array>(
  matrix: Matrix<A>,
  rows: Int32Array,
): Matrix<A> {
  const result = zerosLike(matrix.data, rows.length * matrix.cols);
  rows.forEach((row, index) => {
    result.set(rowOf(matrix, row), index * matrix.cols);
  });
  return { rows: rows.length, cols: matrix.cols, data: result };
}

/** The rows of matrices of one width, one matrix below the other. */
export function stackRows<A extends Float32Array | Float64Array>(
  matrices: readonly Matrix<A>[],
): Matrix<A> {
  const { cols, data: first } = matrices[0]!;
  const rows = matrices.reduce((sum, matrix) => sum + matrix.rows, 0);
  const data = zerosLike(first, rows * cols);
  let offset = 0;
  for (const matrix of matrices) {
    data.set(matrix.data, offset);
    offset += matrix.data.length;
  }
  return { rows, cols, data };
}

/** Numbers of `count` rows, evenly spaced among `rows`. */
export function spacedRowNumbers(rows: number, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * rows) / count));
}

/** A matrix in double precision; itself if it is that already. */
export function toDouble({ rows, cols, data }: Matrix): Matrix64 {
  return { rows, cols, data: data instanceof Float64Array ? data : new Float64Array(data) };
}

/** A matrix in single precision; itself if it is that already. */
export function toSingle({ rows, cols, data }: Matrix): Matrix32 {
  return { rows, cols, data: data instanceof Float32Array ? data : new Float32Array(data) };
}

/** A matrix in the precision of another; itself if it is that already. */
export function inPrecisionOf(like: Matrix, matrix: Matrix): Matrix {
  return like.data instanceof Float64Array ? toDouble(matrix) : toSingle(matrix);
}
