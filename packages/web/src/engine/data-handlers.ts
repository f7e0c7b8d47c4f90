import type { Dataset, ImageInput } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type { Handlers } from "@engraft/core/workers/rpc";
import type { ReadOptions } from "@engraft/data";
import { baseIds, isBaseId, isTaskZip } from "@engraft/tasks/predict";
import { isTaskZipAddress, nameOfAddress } from "../host/net/address-name.js";
import { isName } from "../host/storage/is-name.js";
import { listNamed } from "../host/storage/versions.js";
import { TASKS_FOLDER } from "../host/tasks/kept-tasks.js";
import type { DataMethods } from "../protocol/data.js";
import { mapInputs, type ReadDataset } from "../protocol/datasets.js";
import type { SentPlace } from "../protocol/sources.js";
import type { Engine } from "./engine.js";
import type { Opened } from "./opened.js";
import { receiveFile } from "./receive.js";
import { watchedRun } from "./watch.js";

/** What answers the calls that concern data and files. */
export function dataHandlers(opened: () => Engine): Handlers<DataMethods> {
  return {
    async readDataset({ source, options }, call) {
      const { datasets, host, receive } = opened();
      const { purpose = "train", ...settings } = watchedRun<ReadOptions>(options, call);
      const read = receive.withData(source, (data) =>
        host.data.dataset(data, { ...settings, purpose }),
      );
      return sentDataset(await read, datasets);
    },
    async readImage({ dataset, image }) {
      // A copy: the bytes may be those of a file in memory.
      return { file: await opened().datasets.get(dataset)[image]!.read() };
    },
    async closeDataset({ dataset }) {
      opened().datasets.remove(dataset);
      return undefined;
    },
    async inspect({ what, bind }) {
      const { inspectBase, inspectModel, inspectTask } = await import("@engraft/tasks/internal");
      const { host, receive } = opened();
      if (typeof what === "string" && isBaseId(what)) return inspectBase(what, host);
      if (await isTask(what, opened())) {
        const { added, place } = receive.task(what);
        try {
          return await inspectTask(place, host);
        } finally {
          for (const each of added) host.places.remove(each);
        }
      }
      if (typeof what !== "string" && what.kind === "file") {
        const bytes = await receiveFile(what.file.file);
        const { decodeModel } = await import("@engraft/onnx");
        const model = { bytes, model: decodeModel(bytes), dataFiles: new Map() };
        return inspectModel(what.file.path, what.file.path, model, { bind }, host);
      }
      const place = placeOf(what);
      const model = await host.files.readModel(place, ({ message }) => {
        const bases = baseIds().join(", ");
        return new UsageError(
          `${place} is neither a task, nor an ONNX file, nor a base model (${bases}): ${message}.`,
        );
      });
      return inspectModel(place, place.split("/").at(-1)!, model, { bind }, host);
    },
    async correct({ source, corrections, options }) {
      const { receive } = opened();
      const data = await import("@engraft/data");
      const found = receive.openFiles(source);
      const name = data.correctedName(found.name);
      const file =
        found.kind === "file" && data.canRelabel(found.name)
          ? await data.correctedFile(found, corrections, options)
          : data.correctionsList(corrections);
      return { name, file: file as Uint8Array<ArrayBuffer> };
    },
  };
}

/** A data set as it is sent: its images stay here. */
function sentDataset(dataset: Dataset, datasets: Opened<readonly ImageInput[]>): ReadDataset {
  const images: ImageInput[] = [];
  const number = dataset.modality === "image" ? datasets.add(images) : undefined;
  const sent = mapInputs(dataset, (input) => {
    if (input.kind === "text") return input;
    const { digest } = input;
    const image = images.push(input) - 1;
    return { kind: "image" as const, dataset: number!, image, digest };
  });
  return { number, dataset: sent };
}

async function isTask(what: SentPlace, { host }: Engine): Promise<boolean> {
  if (typeof what !== "string") {
    if (what.kind === "address") return isTaskAddress(what.href);
    return what.kind !== "file" || isTaskZip(what.file.path);
  }
  if (!isName(what)) return isTaskAddress(what);
  return (await listNamed(TASKS_FOLDER, await host.kept())).has(what);
}

/** A task lies in a folder, or is one file. */
function isTaskAddress(address: string): boolean {
  if (address.endsWith("/") || isTaskZipAddress(address)) return true;
  return nameOfAddress(address).endsWith(".engraft");
}

function placeOf(what: SentPlace): string {
  if (typeof what === "string") return what;
  if (what.kind === "address") return what.href;
  throw new Error("internal: files are looked into where they are");
}
