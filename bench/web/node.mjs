// The Node side.
import * as engraft from "engraft";
import { options, report } from "../lib.mjs";
import { loadPhotos, loadTexts } from "./data.mjs";
import { measureSteps } from "./steps.mjs";
import { measureTasks } from "./work.mjs";

const { data } = options();
const tasks = await measureTasks(engraft, await loadTexts(), loadPhotos(data));
const measured = { ...tasks, ...(await measureSteps(engraft)) };
report(
  Object.fromEntries(Object.entries(measured).map(([name, value]) => [name, { Node: value }])),
);
