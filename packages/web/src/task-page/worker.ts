/** Entry of the worker of a task's page: it predicts with what the page has in it. */
import { type EventPort, eventPort, serve } from "@engraft/core/workers/rpc";
import { WEB_ERRORS } from "../protocol/errors.js";
import { type EmbeddedTask, openEmbeddedTask } from "./embedded-task.js";
import { PAGE, type PageMethods } from "./methods.js";

let task: EmbeddedTask | undefined;

serve<PageMethods>(
  eventPort(self as unknown as EventPort),
  PAGE,
  {
    async open({ content }) {
      task = await openEmbeddedTask(content);
      return { name: task.name, manifest: task.manifest };
    },
    async predict({ input }) {
      if (task === undefined) throw new Error("internal: the task was not opened");
      return task.predict(input);
    },
  },
  WEB_ERRORS,
);
