import { IntegrityError, UsageError } from "@engraft/core/errors";
import { taskNameOf } from "@engraft/tasks/predict";
import { isTaskZipAddress, nameOfAddress } from "../host/net/address-name.js";
import { fetchFile } from "../host/net/fetch-file.js";
import { createEngraft, loadTask } from "../index.js";
import type { Engraft } from "../page/engraft.js";
import { absolute } from "../page/inputs.js";
import type { WebTaskSource } from "../page/sources.js";
import type { Task } from "../page/task.js";
import { requireIntegrity } from "./integrity.js";

/** What the attributes of an element ask for. */
export interface TaskRequest {
  readonly src: string;
  readonly integrity: string | null;
  readonly bases: string | null;
  /** An instance of the page's own. Default: one that all elements share. */
  readonly engraft: Engraft | undefined;
}

/** Instances by the address of their base models. Those of the default address are one with the functions. */
const instances = new Map<string, Engraft>();

/** Loads the task of an element. */
export async function loadSource(request: TaskRequest): Promise<Task> {
  const { bases, engraft } = request;
  const source = await readSource(request);
  if (engraft !== undefined) return engraft.loadTask(source);
  if (bases === null) return loadTask(source);
  const address = absolute(bases);
  const instance = instances.get(address) ?? createEngraft({ bases: address });
  instances.set(address, instance);
  return instance.loadTask(source);
}

/** What a task is called that is named by an address. */
export function nameOf(src: string): string {
  return taskNameOf(nameOfAddress(absolute(src)));
}

/** A task in one file is fetched here, so that its digest can be looked at before anything reads it. */
async function readSource({ src, integrity }: TaskRequest): Promise<WebTaskSource> {
  const address = absolute(src);
  if (!isTaskZipAddress(address)) {
    if (integrity === null) return new URL(address);
    throw new UsageError(
      `integrity is of a task in one file, and ${src} is not one. Save it as one: its name ends in .zip.`,
    );
  }
  const bytes = await fetchFile(address).catch((cause: Error) => {
    throw new IntegrityError(
      "task/invalid",
      src,
      `The task ${src} was not loaded: ${cause.message}. Serve it there, or change the attribute src.`,
      { cause },
    );
  });
  if (integrity !== null) await requireIntegrity(bytes, integrity, src);
  return new File([bytes], nameOfAddress(address));
}
