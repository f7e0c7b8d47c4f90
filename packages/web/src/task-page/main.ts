/** Entry of the page of a task: it starts the worker with the content of the page, and shows the task. */
import { type EventPort, eventPort, RpcClient } from "@engraft/core/workers/rpc";
import { CONTENT_ID } from "@engraft/tasks/internal";
import { closeAll, sendInput } from "../page/inputs.js";
import { receivePrediction } from "../page/receive.js";
import { WEB_ERRORS } from "../protocol/errors.js";
import { TaskView } from "../ui/task-view.js";
import type { ViewedTask } from "../ui/viewed-task.js";
import { PAGE, type PageMethods } from "./methods.js";

/** The program of the worker, which the build of the page puts here. */
declare const WORKER_PROGRAM: string;

const host = document.createElement("main");
document.body.append(host);
const view = new TaskView(host.attachShadow({ mode: "open" }));
view.showLoading("Loading the task");
openTask().then(
  (task) => view.showTask(task),
  (error: unknown) => view.showFailure(error),
);

async function openTask(): Promise<ViewedTask> {
  const code = new Blob([WORKER_PROGRAM], { type: "text/javascript" });
  const worker = new Worker(URL.createObjectURL(code));
  const port = eventPort(worker as unknown as EventPort);
  const client = new RpcClient<PageMethods>(port, PAGE, WEB_ERRORS);
  const holder = document.getElementById(CONTENT_ID)!;
  const opening = client.call("open", { content: holder.textContent });
  // It is as large as the base model, and of no more use.
  holder.remove();
  const { name, manifest } = await opening;
  return {
    name,
    manifest,
    async predict(input) {
      const made: ImageBitmap[] = [];
      try {
        const sent = await sendInput(input, manifest.modality, made);
        return receivePrediction(await client.call("predict", { input: sent }));
      } finally {
        closeAll(made);
      }
    },
  };
}
