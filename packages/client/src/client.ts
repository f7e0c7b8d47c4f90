import { ClientError, toError } from "./errors.js";
import type {
  PredictAllResponse,
  ServedTaskInfo,
  TaskPredictions,
  TasksResponse,
  WirePrediction,
} from "./types.js";
import { waitFor } from "./wait.js";

/** Options of {@link createClient}. */
export interface ClientOptions {
  /** Where the server is: `http://127.0.0.1:8080`. A path before `/v1` is kept. */
  readonly url: string | URL;
  /** Bearer token, where the server asks for one. */
  readonly token?: string | undefined;
  /**
   * How often a request is sent again that a busy server refuses with the seconds after which it may be
   * repeated: `queue/full`, `request/timeout` and `server/stopping`. Each time the client waits so long.
   * Default 0.
   */
  readonly retries?: number | undefined;
  /** Sends requests. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** Options of every request. */
export interface RequestOptions {
  /** Stops the request, and the wait before it is sent again: the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What is asked for beside the label of each input. */
export interface PredictRequestOptions extends RequestOptions {
  /** Accept predictions only as often as keeps the share of wrong ones within this, between 0 and 1. */
  readonly maxErrorRate?: number | undefined;
  /** Give the set of labels that holds the right one this often, between 0 and 1. */
  readonly confidence?: number | undefined;
  /** Give so many of the most probable labels, best first. */
  readonly topK?: number | undefined;
}

/** Texts, or images as encoded files (JPEG, PNG, WebP, GIF, AVIF, TIFF). */
export type ClientInputs = readonly string[] | readonly (Blob | Uint8Array)[];

/** A connection to an Engraft server. */
export interface Client {
  /**
   * Asks one task.
   *
   * @returns One prediction for each input, in order.
   * @throws ClientError when the server refuses.
   */
  predict(
    task: string,
    inputs: ClientInputs,
    options?: PredictRequestOptions,
  ): Promise<readonly WirePrediction[]>;
  /**
   * Asks every task that works on such inputs.
   *
   * @throws ClientError when the server refuses.
   */
  predictAll(
    inputs: ClientInputs,
    options?: PredictRequestOptions,
  ): Promise<readonly TaskPredictions[]>;
  /**
   * The tasks that are served.
   *
   * @throws ClientError when the server refuses.
   */
  tasks(options?: RequestOptions): Promise<readonly ServedTaskInfo[]>;
}

/**
 * Makes a client of an Engraft server. It needs nothing but `fetch`, and runs in browsers, Node and Deno.
 *
 * ```ts
 * const client = createClient({ url: "http://127.0.0.1:8080" });
 * const [{ label }] = await client.predict("spam", ["Win a free cruise!!!"]);
 * ```
 */
export function createClient({
  url,
  token,
  retries = 0,
  fetch = globalThis.fetch,
}: ClientOptions): Client {
  const root = String(url).replace(/\/*$/, "");

  async function request<T>(path: string, init: RequestInit): Promise<T> {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    for (let left = retries; ; left--) {
      const response = await fetch(`${root}${path}`, { ...init, headers });
      if (response.ok) return readAnswer<T>(response);
      const error = await toError(response);
      if (left <= 0 || error.retryAfter === undefined) throw error;
      await waitFor(error.retryAfter, init.signal ?? undefined);
    }
  }

  const post = <T>(
    path: string,
    inputs: ClientInputs,
    { signal, ...asked }: PredictRequestOptions,
  ): Promise<T> =>
    request(`${path}${queryOf(asked)}`, {
      method: "POST",
      ...toBody(inputs),
      signal: signal ?? null,
    });

  return {
    async predict(task, inputs, options = {}) {
      const path = `/v1/tasks/${encodeURIComponent(task)}/predict`;
      return withOwnKeys(await post<TaskPredictions>(path, inputs, options)).predictions;
    },
    async predictAll(inputs, options = {}) {
      const { tasks } = await post<PredictAllResponse>("/v1/predict", inputs, options);
      return tasks.map(withOwnKeys);
    },
    async tasks(options = {}) {
      return (await request<TasksResponse>("/v1/tasks", { signal: options.signal ?? null })).tasks;
    },
  };
}

async function readAnswer<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch {
    throw new ClientError(
      "response/invalid",
      response.status,
      `${response.url} did not answer with JSON. Is it an Engraft server?`,
    );
  }
}

function queryOf({
  maxErrorRate,
  confidence,
  topK,
}: Omit<PredictRequestOptions, "signal">): string {
  const query = new URLSearchParams();
  if (maxErrorRate !== undefined) query.set("maxErrorRate", String(maxErrorRate));
  if (confidence !== undefined) query.set("confidence", String(confidence));
  if (topK !== undefined) query.set("topK", String(topK));
  const asked = String(query);
  return asked === "" ? "" : `?${asked}`;
}

/** Takes from probabilities what objects inherit: `in` is then true for labels and nothing else. */
function withOwnKeys(answer: TaskPredictions): TaskPredictions {
  for (const { probabilities } of answer.predictions) Object.setPrototypeOf(probabilities, null);
  return answer;
}

/** Texts as JSON, images as an upload of files. */
function toBody(inputs: ClientInputs): Pick<RequestInit, "body" | "headers"> {
  if (isTexts(inputs)) {
    return {
      body: JSON.stringify({ inputs }),
      headers: { "content-type": "application/json" },
    };
  }
  const body = new FormData();
  for (const [index, image] of inputs.entries()) {
    const blob = image instanceof Blob ? image : new Blob([new Uint8Array(image)]);
    body.append("inputs", blob, `input ${index}`);
  }
  return { body };
}

function isTexts(inputs: ClientInputs): inputs is readonly string[] {
  return inputs.every((input) => typeof input === "string");
}
