import { createGraph, createModel, createNode, type Tensor, valueInfo } from "@engraft/onnx";
import type { LinearAlgebra, Matrix } from "../math/matrix.js";
import { multiply } from "../math/plain-linear-algebra.js";
import { feedsOf } from "./feeds.js";
import type { Runtime, Session } from "./runtime.js";
import { type SessionModel, sessionModel } from "./session-model.js";

/** Dense products on ONNX Runtime. */
export interface OnnxLinearAlgebra extends LinearAlgebra {
  /** Frees the models behind it. It can still be used: they are made again when needed. */
  release(): Promise<void>;
}

/** Multiply-adds below which a call of the runtime takes longer than the product itself. */
const smallProduct = 20_000;

/**
 * Runs products as one-node ONNX models, one for each precision and transposition, made when first
 * needed. Tiny products stay in TypeScript.
 *
 * @param runtime - One that runs on the calling thread, such as `ortRuntime`: operands are used again
 * and again, so they must not be transferred away.
 */
export function onnxLinearAlgebra(runtime: Runtime): OnnxLinearAlgebra {
  const sessions = new Map<string, Promise<Session>>();
  const sessionFor = (precision: Precision, a: boolean, b: boolean): Promise<Session> => {
    const key = `${precision} ${a} ${b}`;
    const session = sessions.get(key) ?? runtime.createSession(gemmModel(precision, a, b));
    sessions.set(key, session);
    return session;
  };
  return {
    async multiply(a, b, transpose = {}) {
      if (isSmall(a, b, transpose)) return multiply(a, b, transpose);
      const precision = a.data instanceof Float64Array ? "float64" : "float32";
      const session = await sessionFor(precision, transpose.a ?? false, transpose.b ?? false);
      const feeds = { a: toTensor(a), b: toTensor(b) };
      const y = (await session.run(feedsOf(feeds))).get("y")!;
      const [rows, cols] = y.dims as [number, number];
      // The model's output has the precision of its inputs.
      return { rows, cols, data: y.data as typeof a.data };
    },
    async release() {
      const open = [...sessions.values()];
      sessions.clear();
      await Promise.all(open.map(async (session) => (await session).release()));
    },
  };
}

type Precision = "float32" | "float64";

/** `y = op(a) · op(b)` */
function gemmModel(precision: Precision, transA: boolean, transB: boolean): SessionModel {
  const graph = createGraph({
    name: "gemm",
    nodes: [
      createNode("Gemm", ["a", "b"], ["y"], { transA: Number(transA), transB: Number(transB) }),
    ],
    inputs: [valueInfo("a", precision, [null, null]), valueInfo("b", precision, [null, null])],
    outputs: [valueInfo("y", precision, [null, null])],
  });
  return sessionModel(createModel({ graph }));
}

/** Also true where the inner sizes differ, so that the plain product reports it. */
function isSmall(a: Matrix, b: Matrix, transpose: { a?: boolean; b?: boolean }): boolean {
  const [rows, inner] = transpose.a ? [a.cols, a.rows] : [a.rows, a.cols];
  const [innerB, cols] = transpose.b ? [b.cols, b.rows] : [b.rows, b.cols];
  return inner !== innerB || rows * inner * cols <= smallProduct;
}

function toTensor({ rows, cols, data }: Matrix): Tensor {
  const dims = [rows, cols];
  return data instanceof Float64Array
    ? { dtype: "float64", dims, data }
    : { dtype: "float32", dims, data };
}
