import { ClientError, toError } from "./errors.js";
import type {
  PredictAllResponse,
  ServedTaskInfo,
  TaskPredictions,
  TasksResponse,
  WirePrediction,
} from "./types.js";

export interface ClientOptions {
  /** Where the server is: `http://127.0.0.1:8080`. A path before `/v1` is kept. */
  readonly url: string | URL;
  /** Bearer token, where the server asks for one. */
  readonly token?: string | undefined;
  /** Sends requests. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
}

/** How careful answers are to be. */
export interface PredictRequestOptions extends RequestOptions {
  /** Answer only as often as keeps the share of wrong answers within this, between 0 and 1. */
  readonly maxError?: number | undefined;
  /** Name as many labels as hold the right one this often, between 0 and 1. */
  readonly coverage?: number | undefined;
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
  /** The tasks that are served. */
  tasks(options?: RequestOptions): Promise<readonly ServedTaskInfo[]>;
}

/**
 * Makes a client of an Engraft server. It needs nothing but `fetch`, and runs in browsers, too.
 *
 * ```ts
 * const client = createClient({ url: "http://127.0.0.1:8080" });
 * const [{ label }] = await client.predict("spam", ["Win a free cruise!!!"]);
 * ```
 */
export function createClient({ url, token, fetch = globalThis.fetch }: ClientOptions): Client {
  const root = String(url).replace(/\/*$/, "");

  async function request<T>(path: string, init: RequestInit): Promise<T> {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    const response = await fetch(`${root}${path}`, { ...init, headers });
    if (!response.ok) throw await toError(response);
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

  const post = <T>(
    path: string,
    inputs: ClientInputs,
    { signal, maxError, coverage }: PredictRequestOptions,
  ): Promise<T> => {
    const query = new URLSearchParams();
    if (maxError !== undefined) query.set("maxError", String(maxError));
    if (coverage !== undefined) query.set("coverage", String(coverage));
    const asked = String(query);
    return request(asked === "" ? path : `${path}?${asked}`, {
      method: "POST",
      ...toBody(inputs),
      signal: signal ?? null,
    });
  };

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
