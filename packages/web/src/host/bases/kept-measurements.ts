import type { BaseReference } from "@engraft/core";
import { version } from "../../version.js";
import type { Circumstances, Experience, Measurements } from "../runtime/devices/measure.js";
import type { KeptFiles } from "../storage/kept-files.js";
import { BASES_FOLDER } from "./base-files.js";

/** What was measured of base models, kept beside their files. */
export class KeptMeasurements implements Measurements {
  readonly #kept: () => Promise<KeptFiles>;

  constructor(kept: () => Promise<KeptFiles>) {
    this.#kept = kept;
  }

  async read(base: BaseReference, now: Circumstances): Promise<Experience | undefined> {
    const bytes = await (await this.#kept()).read(pathOf(base)).catch(() => undefined);
    const found = bytes && parse(bytes);
    return found?.circumstances === circumstancesOf(now) ? found?.known : undefined;
  }

  async write(base: BaseReference, now: Circumstances, known: Experience): Promise<void> {
    const content = JSON.stringify({ circumstances: circumstancesOf(now), known });
    const bytes = new TextEncoder().encode(content);
    await (await this.#kept()).write(pathOf(base), bytes).catch(() => {});
  }
}

function pathOf({ digest }: BaseReference): string {
  return `${BASES_FOLDER}/${digest}.device.json`;
}

function circumstancesOf({ adapter, ort, threads }: Circumstances): string {
  return `Engraft ${version}, ONNX Runtime Web ${ort}, threads ${threads}, ${adapter}`;
}

/** A closed tab may have left a part of a file. */
function parse(
  bytes: Uint8Array,
): { readonly circumstances: unknown; readonly known: Experience } | undefined {
  try {
    const { circumstances, known } = JSON.parse(new TextDecoder().decode(bytes));
    const { error, milliseconds } = known.measurement;
    const { wasm, webgpu } = milliseconds;
    if (![error, wasm, webgpu].every(Number.isFinite)) return undefined;
    const layers = known.layers.filter((digest: unknown) => typeof digest === "string");
    const measurement = { error, milliseconds: { wasm, webgpu } };
    return { circumstances, known: { measurement, layers } };
  } catch {
    return undefined;
  }
}
