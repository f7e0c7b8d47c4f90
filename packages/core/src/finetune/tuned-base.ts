import type { Model, Tensor } from "@engraft/onnx";
import type { BaseModel } from "../bases/base.js";
import { decodeSafetensors } from "../codec/safetensors.js";
import { IntegrityError } from "../errors.js";
import type { Platform } from "../platform.js";

/** Weights of a base that fine-tuning has changed, by name. */
export type Adapter = ReadonlyMap<string, Tensor<"float32">>;

/**
 * A base with some of its weights replaced. It has a digest of its own: features of the tuned layers
 * are never taken for those of the frozen ones.
 *
 * @throws IntegrityError when the adapter is not one of this base.
 */
export async function applyAdapter(
  base: BaseModel,
  adapter: Adapter,
  adapterDigest: string,
  platform: Pick<Platform, "sha256">,
): Promise<BaseModel> {
  // Loaded late: most tasks have no adapter, and are ready to predict sooner without this.
  const { normalize } = await import("@engraft/onnx");
  return {
    ...base,
    digest: await platform.sha256(`${base.digest} ${adapterDigest}`),
    model: replaceWeights(normalize(base.model), adapter, base.spec.id),
    tuning: { frozen: base, changed: new Set(adapter.keys()) },
  };
}

/**
 * The base that a task predicts with: tuned where the task has an adapter.
 *
 * @param files - Files of the task, checked against their digests.
 */
export async function baseOfTask(
  base: BaseModel,
  files: ReadonlyMap<string, Uint8Array>,
  platform: Pick<Platform, "sha256">,
): Promise<BaseModel> {
  const bytes = files.get(ADAPTER_FILE);
  if (bytes === undefined) return base;
  return applyAdapter(base, parseAdapter(bytes), await platform.sha256(bytes), platform);
}

/** @throws IntegrityError when the bytes are not weights in float32. */
function parseAdapter(bytes: Uint8Array): Adapter {
  try {
    const { tensors } = decodeSafetensors(bytes);
    return new Map(
      Array.from(tensors, ([name, tensor]) => {
        if (tensor.dtype === "float32") return [name, tensor];
        throw new Error(`its weight "${name}" is of type ${tensor.dtype}`);
      }),
    );
  } catch (cause) {
    throw new IntegrityError(
      "task/invalid",
      ADAPTER_FILE,
      `${ADAPTER_FILE} of the task is not valid: ${(cause as Error).message} Train the task again.`,
      { cause },
    );
  }
}

function replaceWeights(model: Model, adapter: Adapter, base: string): Model {
  const initializers = new Map(model.graph.initializers);
  for (const [name, tensor] of adapter) {
    const dims = initializers.get(name)?.dims;
    if (dims?.join() !== tensor.dims.join()) {
      throw new IntegrityError(
        "task/invalid",
        ADAPTER_FILE,
        `The adapter has a weight "${name}" of shape [${tensor.dims.join(", ")}], and base model ${base} ` +
          `has ${dims ? `[${dims.join(", ")}]` : "none of this name"}. Train the task again.`,
      );
    }
    initializers.set(name, tensor);
  }
  return { ...model, graph: { ...model.graph, initializers } };
}

/** Name of the file in a task that holds the changed weights. */
export const ADAPTER_FILE = "adapter.safetensors";
