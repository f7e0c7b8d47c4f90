/**
 * Entry of a compute thread: holds sessions, runs them, and decodes images. It imports no more than
 * a prediction needs at once: how fast a thread starts is how fast the first prediction is.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { Runtime, Session } from "@engraft/core";
import { ortRuntime } from "@engraft/core/ort";
import { loadOnnxRuntime } from "./onnx-runtime.js";
import type { Envelope, Reply, Request, Results, ThreadNeeds } from "./protocol.js";
import { toSent } from "./sent-error.js";

// Promises, because a run may arrive while its session is still loading.
const sessions = new Map<number, Promise<Session>>();
// Loaded at once: whatever the thread is for, it will soon be needed. A failure shows at its use.
const runtime: Promise<Runtime> = loadOnnxRuntime().then(ortRuntime);
runtime.catch(() => {});
if ((workerData as ThreadNeeds).decoder) import("./prepare-image.js").catch(() => {});

parentPort?.on("message", ({ id, request }: Envelope) => {
  answer(request).then(
    (result) => post({ id, result }, buffersOf(result)),
    (error: unknown) => post({ id, error: toSent(error) }, []),
  );
});

async function answer(request: Request): Promise<Results[keyof Results]> {
  switch (request.kind) {
    case "create":
      return create(request);
    case "run":
      return (await requireSession(request.session)).run(request.feeds);
    case "release":
      await (await sessions.get(request.session))?.release();
      sessions.delete(request.session);
      return undefined;
    case "image":
      return (await import("./prepare-image.js")).prepareImage(
        request.file,
        request.spec,
        request.changes,
      );
  }
}

async function create({
  session: id,
  model,
  options,
}: Extract<Request, { kind: "create" }>): Promise<Results["create"]> {
  const opened = runtime.then((loaded) => loaded.createSession(model, options));
  sessions.set(id, opened);
  const { inputNames, outputNames } = await opened;
  return { inputNames, outputNames, model };
}

function requireSession(id: number): Promise<Session> {
  const session = sessions.get(id);
  if (session === undefined) throw new Error(`internal: no session ${id} on this thread`);
  return session;
}

function post(reply: Reply, transfer: ArrayBuffer[]): void {
  parentPort?.postMessage(reply, transfer);
}

/** The buffers of a result, which move to the other thread instead of being copied. */
function buffersOf(result: Results[keyof Results]): ArrayBuffer[] {
  if (result === undefined) return [];
  if (isCreated(result)) return [result.model.buffer];
  const arrays = isImage(result)
    ? [result.pixels, result.colorHistogram]
    : Array.from(result.values(), ({ data }) => data);
  const buffers = arrays.map((array) => (Array.isArray(array) ? undefined : array.buffer));
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
}

function isCreated(result: NonNullable<Results[keyof Results]>): result is Results["create"] {
  return "model" in result;
}

function isImage(result: Results["run"] | Results["image"]): result is Results["image"] {
  return "pixels" in result;
}
