import type { BaseReference, Runtime } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type { Device, DeviceOption } from "../device.js";
import { isSmallDevice } from "../one-base-at-a-time.js";
import { findAdapter } from "./adapter.js";
import type { Experience, Measurement, Measurements } from "./measure.js";

/** The largest error with which a GPU passes: a prediction is then the same within 0.001. */
const TOLERANCE = 1e-3;

/** Where the layers of a base model run. */
export interface BaseDevice {
  /** Its name. */
  readonly base: string;
  readonly device: Device;
  /** Why, as a sentence. */
  readonly reason: string;
  /** What was measured; undefined where it does not run on the GPU. */
  readonly measurement: Measurement | undefined;
}

/** What choosing devices asks of the host. */
export interface DevicesHome {
  readonly device: DeviceOption;
  /** Version of ONNX Runtime Web. */
  readonly ort: () => Promise<string>;
  readonly openGpu: () => Promise<Runtime>;
  readonly measurements: Measurements;
  readonly onWarning: (message: string) => void;
}

/** Chooses the device for the layers of each base model, and remembers it. */
export class Devices {
  readonly #home: DevicesHome;
  readonly #chosen = new Map<string, Promise<BaseDevice | undefined>>();
  #adapter: Promise<string | undefined> | undefined;
  #gpu: Promise<Runtime> | undefined;
  #failure: string | undefined;

  constructor(home: DevicesHome) {
    this.#home = home;
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
    this.#adapter ??= findAdapter();
    const found = await this.#adapter;
    if (found === undefined && device === "webgpu") throw new UsageError(NO_ADAPTER);
    return found;
  }

  /** ONNX Runtime on the GPU. */
  gpu(): Promise<Runtime> {
    this.#gpu ??= this.#home.openGpu();
    return this.#gpu;
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
    const known = this.#chosen.get(base.digest) ?? this.#remembered(base, adapter);
    this.#chosen.set(base.digest, known);
    return (await known)?.device;
  }

  /** Decides where layers run. @param base - To remember it for; undefined: a model of the user. */
  async decide(known: Experience, base: BaseReference | undefined): Promise<Device> {
    const choice = this.#choiceOf(base?.id ?? "this model", known);
    const adapter = await this.adapter();
    if (base !== undefined && adapter !== undefined) {
      this.#chosen.set(base.digest, Promise.resolve(choice));
      await this.#home.measurements.write(base, { adapter, ort: await this.#home.ort() }, known);
    }
    const isRefused = "failure" in known || known.error > TOLERANCE;
    if (isRefused) this.#home.onWarning(choice.reason);
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
    const choices = await Promise.all(this.#chosen.values());
    const known = choices.filter((choice) => choice !== undefined);
    const failed = this.#failure === undefined ? {} : { device: "wasm" as const };
    const bases = known.map((choice) => ({ ...choice, ...failed }));
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

  async #remembered(base: BaseReference, adapter: string): Promise<BaseDevice | undefined> {
    const ort = await this.#home.ort();
    const known = await this.#home.measurements.read(base, { adapter, ort });
    return known && this.#choiceOf(base.id, known);
  }

  #choiceOf(base: string, known: Experience): BaseDevice {
    if ("failure" in known) {
      const reason = `On the GPU ${base} does not run: ${known.failure}. It runs in WebAssembly.`;
      return { base, device: "wasm", reason, measurement: undefined };
    }
    const { error, milliseconds } = known;
    const { wasm, webgpu } = milliseconds;
    if (error > TOLERANCE) {
      const reason =
        `On the GPU ${base} gives other results than in WebAssembly: they differ by ${error.toPrecision(2)}, ` +
        `and ${TOLERANCE} is the limit. It runs in WebAssembly.`;
      return { base, device: "wasm", reason, measurement: known };
    }
    const isFaster = webgpu < wasm;
    const device = this.#home.device === "webgpu" || isFaster ? "webgpu" : "wasm";
    const reason = `A batch took ${Math.round(webgpu)} ms on the GPU and ${Math.round(wasm)} ms in WebAssembly.`;
    return { base, device, reason, measurement: known };
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
