import type { Feeds, Runtime, Session, SessionModel, SessionOptions } from "@engraft/core";
import type { Tensor } from "@engraft/onnx";
import type { Device } from "../device.js";
import { type Devices, messageOf } from "./devices.js";
import { GpuGone, measure, usualBatch } from "./measure.js";

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
  /** Kept for as long as the model may have to be loaded again. */
  #model: SessionModel | undefined;
  #wasm: Promise<Session> | undefined;
  #webgpu: Promise<Session> | undefined;
  #device: Promise<Device> | undefined;

  private constructor({ model, ...home }: Making, first: Session, device: Device | undefined) {
    this.inputNames = first.inputNames;
    this.outputNames = first.outputNames;
    this.#model = model;
    this.#home = home;
    if (device === undefined) {
      this.#wasm = Promise.resolve(first);
    } else {
      this.#webgpu = Promise.resolve(first);
      this.#device = Promise.resolve(device);
    }
  }

  static async open(making: Making, device: Device | undefined): Promise<Session> {
    const { model, options, wasm, devices } = making;
    if (device === "webgpu") {
      try {
        const session = await (await devices.gpu()).createSession(model, options);
        return new DeviceSession(making, session, device);
      } catch (error) {
        devices.giveUp(error);
        return wasm.createSession(model, options);
      }
    }
    return new DeviceSession(making, await wasm.createSession(model, options), undefined);
  }

  async run(feeds: Feeds): Promise<Map<string, Tensor>> {
    const { devices } = this.#home;
    if ((await this.#chosen(feeds)) === "wasm") return (await this.#onWasm()).run(feeds);
    if (devices.failure !== undefined) return (await this.#fallBack()).run(feeds);
    try {
      return await (await this.#onGpu()).run(feeds);
    } catch (error) {
      const outputs = await (await this.#onWasm()).run(feeds);
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

  /** Measures the first batch, and lets the session go that is not used. */
  async #choose(feeds: Feeds): Promise<Device> {
    const { devices, options } = this.#home;
    const { base } = options;
    let device = devices.failure === undefined ? base && (await devices.deviceOf(base)) : "wasm";
    if (device === undefined) device = await this.#measure(feeds);
    if (device === "webgpu") {
      await this.#releaseWasm();
    } else {
      await this.#releaseGpu();
      this.#model = undefined;
    }
    return device;
  }

  async #measure(feeds: Feeds): Promise<Device> {
    const { devices, options } = this.#home;
    const batch = options.base === undefined ? feeds : usualBatch(feeds);
    const wasm = await this.#onWasm();
    const expected = await wasm.run(batch);
    try {
      await devices.gpu();
    } catch (error) {
      devices.giveUp(error);
      return "wasm";
    }
    try {
      const webgpu = await this.#onGpu();
      return await devices.decide(await measure(wasm, webgpu, batch, expected), options.base);
    } catch (error) {
      if (!(error instanceof GpuGone)) {
        return devices.decide({ failure: messageOf(error) }, options.base);
      }
      devices.giveUp(error);
      return "wasm";
    }
  }

  #onWasm(): Promise<Session> {
    const { wasm, options } = this.#home;
    this.#wasm ??= wasm.createSession(this.#model!, options);
    return this.#wasm;
  }

  #onGpu(): Promise<Session> {
    const { devices, options } = this.#home;
    this.#webgpu ??= devices.gpu().then((gpu) => gpu.createSession(this.#model!, options));
    return this.#webgpu;
  }

  async #fallBack(): Promise<Session> {
    await this.#releaseGpu();
    return this.#onWasm();
  }

  async #releaseWasm(): Promise<void> {
    const session = this.#wasm;
    this.#wasm = undefined;
    await (await session)?.release();
  }

  /** A GPU that has failed holds nothing that could be freed. */
  async #releaseGpu(): Promise<void> {
    const session = this.#webgpu;
    this.#webgpu = undefined;
    await session?.then((opened) => opened.release()).catch(() => {});
  }
}
