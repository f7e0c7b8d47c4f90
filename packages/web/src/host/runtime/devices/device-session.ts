import type { Feeds, Runtime, Session, SessionModel, SessionOptions } from "@engraft/core";
import type { Tensor } from "@engraft/onnx";
import { Lazy } from "../../lazy.js";
import type { Device } from "../device.js";
import { unload } from "../unload.js";
import { type Devices, messageOf } from "./devices.js";
import { GpuGone } from "./guarded.js";
import { type BaseLayers, layersOf } from "./layers.js";
import { type Measurement, measure, usualBatch } from "./measure.js";

/** What a session is made of. */
interface Making {
  readonly model: SessionModel;
  readonly options: SessionOptions;
  readonly wasm: Runtime;
  readonly devices: Devices;
}

/** A model that may be on the GPU, in WebAssembly or, while it is measured, on both. */
export class DeviceSession implements Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #home: Omit<Making, "model">;
  readonly #layers: BaseLayers | undefined;
  /** Kept for as long as the model may have to be loaded again. */
  #model: SessionModel | undefined;
  readonly #wasm: Lazy<Session>;
  readonly #webgpu: Lazy<Session>;
  #device: Promise<Device> | undefined;

  private constructor(
    { model, ...home }: Making,
    layers: BaseLayers | undefined,
    first: Session,
    device: Device | undefined,
  ) {
    const { wasm, devices, options } = home;
    this.inputNames = first.inputNames;
    this.outputNames = first.outputNames;
    this.#home = home;
    this.#layers = layers;
    this.#model = model;
    const isOnGpu = device === "webgpu";
    this.#device = isOnGpu ? Promise.resolve(device) : undefined;
    this.#wasm = new Lazy(
      () => wasm.createSession(this.#model!, options),
      isOnGpu ? undefined : first,
    );
    this.#webgpu = new Lazy(
      async () => (await devices.gpu()).createSession(this.#model!, options),
      isOnGpu ? first : undefined,
    );
  }

  static async open(making: Making): Promise<Session> {
    const { model, options, wasm, devices } = making;
    const layers = options.base && (await layersOf(options.base, model));
    const device = layers && (await devices.deviceOfLayers(layers));
    if (device === "webgpu") {
      try {
        const session = await (await devices.gpu()).createSession(model, options);
        return new DeviceSession(making, layers, session, device);
      } catch (error) {
        devices.giveUp(error);
        return wasm.createSession(model, options);
      }
    }
    return new DeviceSession(making, layers, await wasm.createSession(model, options), undefined);
  }

  async run(feeds: Feeds): Promise<Map<string, Tensor>> {
    const { devices } = this.#home;
    if ((await this.#chosen(feeds)) === "wasm") return (await this.#wasm.get()).run(feeds);
    if (await this.#mustLeaveGpu()) return (await this.#fallBack()).run(feeds);
    try {
      return await (await this.#webgpu.get()).run(feeds);
    } catch (error) {
      const outputs = await (await this.#wasm.get()).run(feeds);
      // What fails in WebAssembly too is no fault of the GPU.
      devices.giveUp(error);
      return outputs;
    }
  }

  async release(): Promise<void> {
    await this.#device?.catch(() => {});
    await Promise.all([this.#releaseWasm(), this.#releaseGpu()]);
  }

  #chosen(feeds: Feeds): Promise<Device> {
    this.#device ??= this.#choose(feeds);
    this.#device.catch(() => {
      // A batch that does not fit the model has decided nothing.
      this.#device = undefined;
    });
    return this.#device;
  }

  /** Decides by the first batch, and lets the session go that is not used. */
  async #choose(feeds: Feeds): Promise<Device> {
    const device = await this.#decide(feeds);
    if (device === "webgpu") {
      await this.#releaseWasm();
    } else {
      await this.#releaseGpu();
      this.#model = undefined;
    }
    return device;
  }

  async #decide(feeds: Feeds): Promise<Device> {
    const { devices } = this.#home;
    if (devices.failure !== undefined) return "wasm";
    if (this.#layers === undefined) return this.#measure(feeds);
    return devices.decided(this.#layers, (known) => this.#measure(usualBatch(feeds), known));
  }

  async #measure(batch: Feeds, known?: Measurement): Promise<Device> {
    const { devices } = this.#home;
    const wasm = await this.#wasm.get();
    const expected = await wasm.run(batch);
    try {
      await devices.gpu();
    } catch (error) {
      devices.giveUp(error);
      return "wasm";
    }
    try {
      const found = await measure(wasm, await this.#webgpu.get(), batch, expected, known);
      return await devices.decide(found, this.#layers);
    } catch (error) {
      if (!(error instanceof GpuGone)) {
        return devices.decide({ failure: messageOf(error) }, this.#layers);
      }
      devices.giveUp(error);
      return "wasm";
    }
  }

  /** Whether the GPU has failed, or other layers of the same base have given other results on it. */
  async #mustLeaveGpu(): Promise<boolean> {
    const { devices, options } = this.#home;
    if (options.base === undefined) return devices.failure !== undefined;
    return (await devices.deviceOf(options.base)) === "wasm";
  }

  async #fallBack(): Promise<Session> {
    await this.#releaseGpu();
    return this.#wasm.get();
  }

  async #releaseWasm(): Promise<void> {
    await (await this.#wasm.take())?.release();
  }

  /** A GPU that has failed holds nothing that could be freed. */
  async #releaseGpu(): Promise<void> {
    await unload(this.#webgpu);
  }
}
