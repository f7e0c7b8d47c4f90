import type { Modality } from "@engraft/core";
import { IntegrityError, UsageError } from "@engraft/core/errors";
import { type BaseModel, baseOfTask, openBase } from "@engraft/core/predict";
import { requireBaseOf } from "../format/files/requirements.js";
import type { TaskManifest } from "../format/manifest/manifest.js";
import type { Host, HostFiles } from "../host.js";
import type { OnnxBaseOptions } from "./onnx-base.js";
import { type BaseId, baseIds, DEFAULT_BASE, isBaseId, isOnnxPlace } from "./registry.js";

/** What opening a base asks of the host. */
export interface BaseHost extends Pick<Host, "sha256" | "readBaseFile"> {
  readonly files: Pick<HostFiles, "read" | "beside" | "readModel">;
}

/**
 * Opens base models. One that is known by name is opened once and shared for as long as something uses
 * it; an ONNX file is read anew each time, because it may have changed.
 */
export class OpenBases {
  readonly #host: BaseHost;
  readonly #opening = new Map<BaseId, Promise<BaseModel>>();
  readonly #opened = new Map<BaseId, WeakRef<BaseModel>>();

  constructor(host: BaseHost) {
    this.#host = host;
  }

  /**
   * Opens a base model by its name, or an ONNX file by its place.
   *
   * @param options - How raw inputs become those of an ONNX file, and what is bound; bases say that themselves.
   * @throws UsageError when there is neither such a base nor such a file, or it cannot be used.
   * @throws IntegrityError when a file of a base is missing or was altered.
   */
  async open(name: string, options: OnnxBaseOptions = {}): Promise<BaseModel> {
    if (isBaseId(name)) {
      refuseOptions(name, options);
      return this.#shared(name);
    }
    if (isOnnxPlace(name)) {
      // Loaded late: it brings the code that divides a graph into layers.
      const { openOnnxBase } = await import("./onnx-base.js");
      return openOnnxBase(name, options, this.#host);
    }
    throw new UsageError(
      `There is no base model "${name}". Known base models: ${baseIds().join(", ")}; or give the path of an ONNX file.`,
    );
  }

  /** The base that is used for a modality unless another is asked for. */
  openDefault(modality: Modality): Promise<BaseModel> {
    return this.#shared(DEFAULT_BASE[modality]);
  }

  /**
   * Opens the base model of a task as it was before any fine-tuning.
   *
   * @param task - What to call the task in messages.
   * @throws IntegrityError when a file of the base model was altered or is missing, or when it is not
   *   the one that the task was trained on, or lacks what the task reads.
   */
  async openFrozen(manifest: TaskManifest, task: string): Promise<BaseModel> {
    const { id, digest } = manifest.base;
    const base = await this.open(id, manifest.config);
    if (base.digest !== digest) {
      throw new IntegrityError(
        "base/altered",
        id,
        `${task} was trained on another version of base model ${id}: the digest of ` +
          `its files is ${base.digest}, the task needs ${digest}. Restore the files, or train again.`,
      );
    }
    requireBaseOf(manifest, base);
    return base;
  }

  /** Opens the base model that a task predicts with: tuned where the task has an adapter. */
  async openTuned(
    {
      manifest,
      files,
    }: { readonly manifest: TaskManifest; readonly files: ReadonlyMap<string, Uint8Array> },
    task: string,
  ): Promise<BaseModel> {
    return baseOfTask(await this.openFrozen(manifest, task), files, this.#host);
  }

  #shared(id: BaseId): Promise<BaseModel> {
    const known = this.#opened.get(id)?.deref();
    if (known !== undefined) return Promise.resolve(known);
    const opening = this.#opening.get(id) ?? this.#read(id);
    this.#opening.set(id, opening);
    return opening;
  }

  async #read(id: BaseId): Promise<BaseModel> {
    try {
      const base = await openBase((name) => this.#host.readBaseFile(id, name), this.#host);
      this.#opened.set(id, new WeakRef(base));
      return base;
    } finally {
      this.#opening.delete(id);
    }
  }
}

function refuseOptions(id: BaseId, { preprocess, bind }: OnnxBaseOptions): void {
  if (preprocess !== undefined) {
    throw new UsageError(
      `Base model ${id} says itself how its inputs are prepared. Leave preprocess out.`,
    );
  }
  if (bind !== undefined) {
    throw new UsageError(`Base model ${id} has no inputs to bind. bind is for ONNX files.`);
  }
}
