import type { BaseReference, Runtime } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import { createQueue, type Queue } from "@engraft/core/internal";
import { Lazy } from "../../lazy.js";
import type { Device, DeviceOption } from "../device.js";
import { isSmallDevice } from "../one-base-at-a-time.js";
import { findAdapter } from "./adapter.js";
import { type BaseDevice, choiceOf, isRefused, type Outcome } from "./choice.js";
import type { BaseLayers } from "./layers.js";
import type { Circumstances, Measurement, Measurements } from "./measure.js";

/** What choosing devices asks of the host. */
export interface DevicesHome {
  readonly device: DeviceOption;
  /** Version of ONNX Runtime Web. */
  readonly ort: () => Promise<string>;
  /** Threads in WebAssembly. */
  readonly threads: number;
  readonly openGpu: () => Promise<Runtime>;
  readonly measurements: Measurements;
  readonly onWarning: (message: string) => void;
}

/** What is known of a base model on this page. */
interface Known {
  readonly choice: BaseDevice;
  /** Digests of its layers that have run on the GPU and were compared. */
  readonly layers: readonly string[];
}

/** So many layers of a base are remembered: each tuning gives others. */
const MOST_LAYERS = 64;

/** Chooses the device for the layers of each base model, and remembers it. */
export class Devices {
  readonly #home: DevicesHome;
  readonly #known = new Map<string, Lazy<Known | undefined>>();
  readonly #measuring = new Map<string, Queue>();
  readonly #adapter = new Lazy(findAdapter);
  readonly #gpu: Lazy<Runtime>;
  #failure: string | undefined;

  constructor(home: DevicesHome) {
    this.#home = home;
    this.#gpu = new Lazy(home.openGpu);
  }

  /**
   * The description of the GPU that may be used; undefined where all runs on WebAssembly.
   *
   * @throws UsageError where a GPU was asked for and there is none.
   */
  async adapter(): Promise<string | undefined> {
    const { device } = this.#home;
    if (device === "wasm" || this.#failure !== undefined) return undefined;
    // A measurement has a base model in memory twice.
    if (device === "auto" && isSmallDevice()) return undefined;
    const found = await this.#adapter.get();
    if (found === undefined && device === "webgpu") throw new UsageError(NO_ADAPTER);
    return found;
  }

  /** ONNX Runtime on the GPU. */
  gpu(): Promise<Runtime> {
    return this.#gpu.get();
  }

  /** Why the GPU is not used any more; undefined while it may be. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Gives the GPU up for as long as this instance lasts, and says so once. */
  giveUp(cause: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = messageOf(cause);
    this.#home.onWarning(
      `The GPU failed: ${this.#failure}. All goes on with WebAssembly, whose results differ from those of ` +
        "the GPU in the last digits.",
    );
  }

  /**
   * Where the layers of a base run; undefined while that is not measured.
   *
   * @throws UsageError where a GPU was asked for and there is none.
   */
  async deviceOf(base: BaseReference): Promise<Device | undefined> {
    const adapter = await this.adapter();
    if (adapter === undefined) return "wasm";
    const known = this.#known.get(base.digest) ?? new Lazy(() => this.#remembered(base, adapter));
    this.#known.set(base.digest, known);
    return (await known.get())?.choice.device;
  }

  /**
   * Where layers of a base run; undefined while they have to be measured. A base is on one device, since
   * that takes its time and its features are kept for it. But a GPU that computes the layers below one
   * cut right may fail at operators above it, or at tuned weights: each model is compared once, and
   * known by its digest at later visits, which costs less than to load and run it twice at each.
   */
  async deviceOfLayers({ base, digest }: BaseLayers): Promise<Device | undefined> {
    const device = await this.deviceOf(base);
    if (device !== "webgpu") return device;
    const known = await this.#known.get(base.digest)?.get();
    return known?.layers.includes(digest) ? device : undefined;
  }

  /**
   * Where layers of a base run, measured where that is not known. One measurement of a base is under way
   * at a time: two could decide differently.
   *
   * @param measure - Decides; it is given what other layers of the base have shown.
   */
  decided(
    layers: BaseLayers,
    measure: (known: Measurement | undefined) => Promise<Device>,
  ): Promise<Device> {
    const { digest } = layers.base;
    const queue = this.#measuring.get(digest) ?? createQueue();
    this.#measuring.set(digest, queue);
    return queue(async () => {
      const device = await this.deviceOfLayers(layers);
      if (device !== undefined) return device;
      const known = await this.#known.get(digest)?.get();
      return measure(known?.choice.measurement);
    });
  }

  /** Decides where a model runs. @param layers - Of a base; undefined: a model of the user. */
  async decide(outcome: Outcome, layers: BaseLayers | undefined): Promise<Device> {
    const choice = this.#choiceOf(layers?.base.id ?? "this model", outcome);
    if (layers !== undefined) await this.#remember(layers, choice);
    if (isRefused(outcome)) this.#home.onWarning(choice.reason);
    return choice.device;
  }

  /** Where models run, and why. */
  async describe(): Promise<{
    readonly device: Device;
    readonly reason: string;
    readonly adapter: string | undefined;
    readonly bases: readonly BaseDevice[];
  }> {
    const adapter = await this.adapter();
    const found = await Promise.all(Array.from(this.#known.values(), (known) => known.get()));
    const known = found.filter((each) => each !== undefined);
    const failed = this.#failure === undefined ? {} : { device: "wasm" as const };
    const bases = known.map(({ choice }) => ({ ...choice, ...failed }));
    return { ...this.#inAll(adapter, bases), adapter, bases };
  }

  #inAll(
    adapter: string | undefined,
    bases: readonly BaseDevice[],
  ): { readonly device: Device; readonly reason: string } {
    const asked = this.#home.device;
    if (asked === "wasm") return { device: "wasm", reason: "WebAssembly was asked for." };
    if (this.#failure !== undefined) {
      return { device: "wasm", reason: `The GPU failed: ${this.#failure}.` };
    }
    if (adapter === undefined) {
      return {
        device: "wasm",
        reason: isSmallDevice() ? LITTLE_MEMORY : "The browser offers no GPU.",
      };
    }
    if (asked === "webgpu") return { device: "webgpu", reason: "The GPU was asked for." };
    const onGpu = bases.some(({ device }) => device === "webgpu");
    return {
      device: onGpu ? "webgpu" : "wasm",
      reason: bases.length === 0 ? UNMEASURED : MEASURED,
    };
  }

  async #remembered(base: BaseReference, adapter: string): Promise<Known | undefined> {
    const now = await this.#circumstances(adapter);
    const found = await this.#home.measurements.read(base, now);
    return found && { choice: this.#choiceOf(base.id, found.measurement), layers: found.layers };
  }

  async #remember({ base, digest }: BaseLayers, choice: BaseDevice): Promise<void> {
    const adapter = await this.adapter();
    if (adapter === undefined) return;
    const before = await this.#known.get(base.digest)?.get();
    const layers = [...(before?.layers ?? []), digest].slice(-MOST_LAYERS);
    const known: Known = { choice, layers };
    this.#known.set(base.digest, new Lazy(() => Promise.resolve(known), known));
    const { measurement } = choice;
    // A failure may be one of the moment, such as a lack of memory: it holds for this page alone.
    if (measurement === undefined) return;
    const now = await this.#circumstances(adapter);
    await this.#home.measurements.write(base, now, { measurement, layers });
  }

  async #circumstances(adapter: string): Promise<Circumstances> {
    return { adapter, ort: await this.#home.ort(), threads: this.#home.threads };
  }

  #choiceOf(base: string, outcome: Outcome): BaseDevice {
    return choiceOf(base, outcome, this.#home.device === "webgpu");
  }
}

/** What an error says, without a full stop. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\.$/, "");
}

const NO_ADAPTER =
  'The GPU was asked for (device "webgpu"), and this browser offers none. Ask for "auto", which uses ' +
  "WebAssembly here, or switch on WebGPU in the settings of the browser.";
const LITTLE_MEMORY = 'This device has little memory. Ask for "webgpu" to use its GPU.';
const UNMEASURED = "The first batch of each base model is measured on the GPU and in WebAssembly.";
const MEASURED = "Each base model runs where a batch of it took less time.";
