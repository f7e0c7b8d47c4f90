import { isTaskZip, type TaskStorage } from "@engraft/tasks/predict";
import { taskFolders } from "./task-folders.js";
import { taskZips } from "./task-zips.js";

/** Tasks on the disk: a place is the path of a folder, or of one file that ends in `.zip`. */
export const nodeTasks: TaskStorage = {
  state: (place) => storageOf(place).state(place),
  readManifest: (place) => storageOf(place).readManifest(place),
  readFile: (place, name, bytes) => storageOf(place).readFile(place, name, bytes),
  isBeingReplaced: (place) => storageOf(place).isBeingReplaced(place),
  prepare: (place, seen) => storageOf(place).prepare(place, seen),
  nameOf: (place) => storageOf(place).nameOf(place),
  reportOf: (place) => storageOf(place).reportOf(place),
};

function storageOf(place: string): TaskStorage {
  return isTaskZip(place) ? taskZips : taskFolders;
}
