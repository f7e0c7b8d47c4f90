import { ADAPTER_FILE, splitBase } from "@engraft/core/predict";
import {
  type BackboneNeeds,
  detectOutliers,
  OpenBases,
  SharedBackbone,
  type TaskManifest,
  TaskPredictor,
} from "@engraft/tasks/predict";
import type { NodeHost } from "../../host/node-host.js";
import type { ImageQueue } from "../queue/image-queue.js";
import type { LaneImages } from "../queue/lane.js";
import type { ReadFolder } from "./read-folder.js";

/**
 * Loads what a task has of its own.
 *
 * @param outliers - Whether its predictions say how far an input is from the training examples.
 */
export async function openPredictor(
  { task, path }: ReadFolder,
  outliers: boolean,
  host: NodeHost,
): Promise<TaskPredictor> {
  const bases = new OpenBases(host);
  const origin = { place: path, state: undefined };
  const detector = outliers ? await detectOutliers(task, origin, { host, bases }) : undefined;
  const isTuned = ADAPTER_FILE in task.manifest.files;
  const split = isTuned
    ? splitBase(await bases.openTuned(task, `Task ${path}`), task.manifest.columns)
    : undefined;
  return TaskPredictor.open(task, split, host, detector);
}

/**
 * Loads the backbone of a task, with the layers that others need of it, too.
 *
 * @param startsFrozen - Whether the task has its tuned layers of its own.
 */
export async function openBackbone(
  { task, path }: ReadFolder,
  startsFrozen: boolean,
  needs: readonly BackboneNeeds[],
  host: NodeHost,
): Promise<SharedBackbone> {
  const bases = new OpenBases(host);
  const name = `Task ${path}`;
  const base = startsFrozen
    ? await bases.openFrozen(task.manifest, name)
    : await bases.openTuned(task, name);
  return SharedBackbone.open(
    base,
    {
      columns: needs.flatMap(({ columns }) => columns),
      cuts: needs.flatMap(({ cuts = [] }) => cuts),
      preprocessing: task.manifest.preprocessing,
    },
    host,
  );
}

/** How the images of a task are decoded; undefined for texts. */
export function imagesOf(
  { preprocessing }: TaskManifest,
  queue: ImageQueue,
  host: NodeHost,
): LaneImages | undefined {
  if (preprocessing.kind !== "image") return undefined;
  return {
    queue,
    prepare: (file, isLarge) => host.prepareImage(file, preprocessing, { isLarge }),
  };
}
