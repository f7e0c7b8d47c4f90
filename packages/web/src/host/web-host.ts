import { UsageError } from "@engraft/core/errors";
import { prepareImage } from "@engraft/core/images";
import type { BaseId, Host } from "@engraft/tasks/predict";
import { version } from "../version.js";
import { warn } from "../warn.js";
import { type BaseAddresses, baseAddress } from "./bases/addresses.js";
import { BaseFiles } from "./bases/base-files.js";
import { KeptMeasurements } from "./bases/kept-measurements.js";
import { cacheOfDevice } from "./cache/device-cache.js";
import { featureCaches } from "./cache/feature-cache.js";
import { GivenSources } from "./data/given-sources.js";
import { webData } from "./data/web-data.js";
import { type WebFiles, webFiles } from "./files/web-files.js";
import { decodeImage } from "./image/decode-image.js";
import { Downloads } from "./net/downloads.js";
import { readPageParts } from "./page-parts.js";
import { type DeviceOption, requireDevice } from "./runtime/device.js";
import type { OrtOptions } from "./runtime/load-ort.js";
import type { OrtSource } from "./runtime/ort-source.js";
import { type RuntimeInfo, webRuntime } from "./runtime/web-runtime.js";
import { sha256 } from "./sha256.js";
import type { KeptFiles } from "./storage/kept-files.js";
import { type OpenedFiles, openFiles } from "./storage/open-files.js";
import { TaskPlaces } from "./tasks/task-places.js";

/** What every host in a browser is made with; every part has a default. */
export interface HostOptions {
  /**
   * Where the files of the base models are served: a folder that has one for each base, or the folder
   * of each base by its name. Default: the folder `engraft` beside the page.
   */
  readonly bases?: BaseAddresses | undefined;
  /** What relative addresses are relative to. Default: the page; in a worker of one's own, its code. */
  readonly baseUrl?: string | undefined;
  /** Told what costs something without stopping the work. Default: a warning on the console. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** What a host in a browser is made with; every part has a default. */
export interface WebHostOptions extends HostOptions {
  /**
   * Where the layers of models run: `wasm` on the processor, `webgpu` on the GPU, `auto` where the first
   * batch of a base model took less time. Default: `auto`, which is `wasm` where there is no GPU.
   */
  readonly device?: DeviceOption | undefined;
  /** Most threads that run models. Default: one for each core, up to 4; 1 where pages are not isolated. */
  readonly threads?: number | undefined;
  /** Where ONNX Runtime Web comes from. Default: the build that Engraft is tested with. */
  readonly ort?: OrtOptions | undefined;
}

/** The host of a browser, and what its engine asks of it beside. */
export interface WebHost extends Host {
  readonly files: WebFiles;
  readonly downloads: Downloads;
  /** Files and folders that a program holds. */
  readonly given: GivenSources;
  /** Places of tasks that are no strings. */
  readonly places: TaskPlaces;
  /** What the browser keeps. */
  kept(): Promise<KeptFiles>;
  /** What runs models; loads it where that is not done. */
  info(): Promise<RuntimeInfo>;
}

/**
 * Makes the host of a browser: ONNX Runtime Web on this thread, the browser's decoders, fetch, and what
 * the browser keeps. It belongs in a worker. Nothing is loaded before it is needed.
 *
 * @param ort - Where ONNX Runtime Web comes from.
 */
export function createWebHost(options: Omit<WebHostOptions, "ort">, ort: OrtSource): WebHost {
  const { threads, device = "auto" } = options;
  requireDevice(device);
  const baseUrl = options.baseUrl ?? ownAddress();
  const onWarning = options.onWarning ?? warn;
  const resolve = (place: string): string => new URL(place, baseUrl).href;
  let opened: Promise<OpenedFiles> | undefined;
  const kept = async (): Promise<KeptFiles> => {
    opened ??= openFiles().then((found) => {
      if (found.notice !== undefined) onWarning(found.notice);
      return found;
    });
    return (await opened).files;
  };
  const downloads = new Downloads();
  const given = new GivenSources();
  const places = new TaskPlaces(kept, resolve);
  const addressOf = (id: BaseId): string => baseAddress(options.bases, id, baseUrl);
  const bases = new BaseFiles({ addressOf, kept, downloads, onWarning });
  const { runtime, linearAlgebra, devices, info } = webRuntime({
    ort,
    device,
    threads,
    measurements: new KeptMeasurements(kept),
    onWarning,
  });
  const openCaches = featureCaches(kept);
  return {
    version,
    runtime,
    linearAlgebra,
    sha256,
    clock: { now: () => performance.timeOrigin + performance.now() },
    files: webFiles(kept, resolve),
    tasks: places.storage,
    data: webData(given, resolve),
    prepareImage: (file, spec, how) => prepareImage(file, spec, decodeImage, how),
    async openStepEngine(step, settings, state) {
      const { StepRunner } = await import("@engraft/core");
      return StepRunner.open(runtime, step, settings, state);
    },
    openTrainingLog: (place) =>
      Promise.reject(
        new UsageError(
          `A page has no folder ${place} for the log of a training. Listen to its events (option onEvent).`,
        ),
      ),
    openFeatureCache: (base, warn) => cacheOfDevice(openCaches(warn), () => devices.deviceOf(base)),
    async openReportDrawer() {
      const { drawReport, isReport } = await import("@engraft/report");
      return { isReport, draw: drawReport };
    },
    readPageParts: () => readPageParts(ort.wasm()),
    readBaseFile: (id, name) => bases.read(id, name),
    warmUp: () => {
      // A failure shows where it is used.
      info().catch(() => {});
    },
    close: () => linearAlgebra.release(),
    downloads,
    given,
    places,
    kept,
    info,
  };
}

function ownAddress(): string {
  // Runtimes that are no browser may have none.
  const location: Location | undefined = globalThis.location;
  if (location !== undefined) return location.href;
  throw new UsageError(
    "This runtime has no address of its own. Say what relative addresses are relative to (option baseUrl).",
  );
}
