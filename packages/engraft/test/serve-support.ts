import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Prediction, TaskManifest } from "@engraft/tasks/internal";
import { loadTask, train } from "engraft";
import type { FastifyInstance, InjectOptions } from "fastify";
// The compiled one: threads are started from compiled files.
import { createApp } from "../dist/http/app.js";
import { parseServerOptions, type ServerOptionsInput } from "../dist/http/options.js";
import { type OpenServer, openServer, type ServeOptions } from "../dist/http/serve.js";
import { Serving } from "../dist/serving/serving.js";
import { atEnd } from "./at-end.js";
import { writeFiles, writeImages, writeMails } from "./support.js";

/** A server that is closed at the end. */
export async function keepServer(
  paths: readonly string[],
  options: ServeOptions = {},
): Promise<OpenServer> {
  const server = await openServer(paths, options);
  atEnd(() => server.close());
  return server;
}

/** The HTTP interface of a server that has no tasks. */
export async function keepAppWithoutTasks(given: ServerOptionsInput): Promise<FastifyInstance> {
  const options = parseServerOptions(given);
  const serving = await Serving.open([], options);
  const onDefect = (error: unknown) => {
    throw error;
  };
  const app = await createApp({ serving, options, onDefect });
  atEnd(async () => {
    await app.close();
    await serving.close();
  });
  return app;
}

const config = { views: "last" } as const;

/** Tasks on texts: `spam.engraft`, and `mood.engraft` with other labels and on another layer. */
export async function trainTextTasks(): Promise<{ spam: string; mood: string }> {
  const folder = await writeMails();
  const spam = join(folder, "spam.engraft");
  await (await train(join(folder, "mails.csv"), { output: spam, ...config })).close();
  const mood = await copyTask(spam, "mood.engraft", (manifest) => ({
    ...renamed(manifest, { ham: "calm", spam: "loud" }),
    columns: [{ tap: "block.5", pooling: "mean", width: 384 }],
  }));
  return { spam, mood };
}

/** A manifest with other labels, wherever it has them. */
function renamed(manifest: TaskManifest, names: Readonly<Record<string, string>>): object {
  const renamedText = JSON.stringify(manifest).replace(
    /"(\w+)"(:?)/g,
    (whole, name: string, colon: string) =>
      Object.hasOwn(names, name) ? `${JSON.stringify(names[name])}${colon}` : whole,
  );
  return JSON.parse(renamedText);
}

/** What a task says without a server. */
export async function predictAlone(
  path: string,
  inputs: readonly (string | Uint8Array)[],
): Promise<Prediction[]> {
  const task = await loadTask(path);
  try {
    return await task.predict(inputs);
  } finally {
    await task.close();
  }
}

/** A task on images, `lines.engraft`, and the folder of its images. */
export async function trainImageTask(): Promise<{ lines: string; photos: string }> {
  const photos = await writeImages();
  const lines = join(await writeFiles({}), "lines.engraft");
  await (await train(photos, { output: lines, ...config })).close();
  return { lines, photos };
}

/** A copy of a task whose manifest was changed. */
export async function copyTask(
  from: string,
  name: string,
  change: (manifest: TaskManifest) => object = (manifest) => manifest,
): Promise<string> {
  const to = join(await writeFiles({}), name);
  await cp(from, to, { recursive: true });
  const manifest = JSON.parse(await readFile(join(to, "task.json"), "utf8"));
  await writeFile(join(to, "task.json"), JSON.stringify(change(manifest)));
  return to;
}

/** A request for predictions of texts. */
export function asks(task: string | undefined, inputs: unknown): InjectOptions {
  const url = task === undefined ? "/v1/predict" : `/v1/tasks/${task}/predict`;
  return { method: "POST", url, payload: { inputs } };
}

/** A request for predictions of files. */
export async function uploads(
  task: string | undefined,
  files: readonly (Uint8Array | string)[],
): Promise<InjectOptions> {
  const form = new FormData();
  for (const file of files) form.append("inputs", new Blob([file]), "image");
  const encoded = new Response(form);
  return {
    ...asks(task, []),
    headers: { "content-type": encoded.headers.get("content-type")! },
    payload: Buffer.from(await encoded.arrayBuffer()),
  };
}
