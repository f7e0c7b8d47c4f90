import { UnreadableFile } from "@engraft/tasks/errors";

/** How a file is fetched. */
export interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told how many bytes of how many have arrived; the second is 0 where the server does not say. */
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
  /** Ask the server whether a copy in the browser's own cache is still right. Default false. */
  readonly revalidate?: boolean | undefined;
}

/** How often a transfer that breaks off is taken up again. */
const ATTEMPTS = 3;

/**
 * Fetches a file. A transfer that breaks off goes on where it stopped, where the server can do that.
 *
 * @throws UnreadableFile with the reason: the server cannot be reached, has no such file, or answers
 *   with a web page in its place.
 */
export async function fetchFile(
  address: string,
  options: FetchOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const download = new Download(address, options);
  for (let attempt = 1; ; attempt++) {
    try {
      return await download.run();
    } catch (error) {
      options.signal?.throwIfAborted();
      const mayGoOn = error instanceof BrokenOff && attempt < ATTEMPTS;
      if (!mayGoOn) throw error;
    }
  }
}

/** The server was reached, and the bytes did not all arrive. */
class BrokenOff extends UnreadableFile {}

/** One file on its way. */
class Download {
  readonly #address: string;
  readonly #options: FetchOptions;
  #parts: Uint8Array[] = [];
  #done = 0;
  /** Names the version of the file that the bytes so far are of. */
  #version: string | undefined;

  constructor(address: string, options: FetchOptions) {
    this.#address = address;
    this.#options = options;
  }

  async run(): Promise<Uint8Array<ArrayBuffer>> {
    const response = await this.#request();
    if (response.status !== PARTIAL) this.#restart(response);
    const total = this.#done + lengthOf(response);
    const problem = sizeProblem(total);
    if (problem !== undefined) {
      void response.body?.cancel();
      throw new UnreadableFile(problem);
    }
    await this.#receive(response, total);
    if (this.#done < total) throw new BrokenOff(`the transfer ended after ${this.#done} bytes`);
    return concat(this.#parts, this.#done);
  }

  #restart(response: Response): void {
    this.#parts = [];
    this.#done = 0;
    this.#version = response.headers.get("etag") ?? undefined;
  }

  async #request(): Promise<Response> {
    const { signal, revalidate } = this.#options;
    const goOn = this.#done > 0 && this.#version !== undefined;
    const headers = goOn
      ? { range: `bytes=${this.#done}-`, "if-range": this.#version! }
      : undefined;
    let response: Response;
    try {
      response = await fetch(this.#address, {
        ...(headers && { headers }),
        ...(signal && { signal }),
        ...(revalidate && { cache: "no-cache" as const }),
      });
    } catch (cause) {
      signal?.throwIfAborted();
      throw new UnreadableFile(`it cannot be fetched (${messageOf(cause)})`, asError(cause));
    }
    requireFile(response);
    return response;
  }

  async #receive(response: Response, total: number): Promise<void> {
    const { signal, onBytes } = this.#options;
    try {
      const reader = response.body!.getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        this.#parts.push(next.value);
        this.#done += next.value.length;
        onBytes?.(this.#done, total);
      }
    } catch (cause) {
      signal?.throwIfAborted();
      throw new BrokenOff(`the transfer broke off (${messageOf(cause)})`, asError(cause));
    }
  }
}

const PARTIAL = 206;

/** WebAssembly has 4 GiB, and a model is in it twice while it is loaded. */
const MOST_BYTES = 2 ** 31 - 1;

/** Why a file is not read; undefined where it is. @param bytes - Its size. */
export function sizeProblem(bytes: number): string | undefined {
  if (bytes <= MOST_BYTES) return undefined;
  const gigabytes = (bytes / 1e9).toFixed(1);
  return `it has ${gigabytes} GB, and no more than 2.1 GB can be read in a browser`;
}

/** @throws UnreadableFile when the answer is no file. */
function requireFile(response: Response): void {
  const { ok, status, statusText, headers } = response;
  if (!ok) throw new UnreadableFile(`the server answers ${`${status} ${statusText}`.trim()}`);
  if (!headers.get("content-type")?.startsWith("text/html")) return;
  throw new UnreadableFile(
    "the server answers with a web page (text/html) in its place, as servers of single-page apps do " +
      "for files that they do not have",
  );
}

/** The length of a body that arrives as it is; a compressed one is longer than its header says. */
function lengthOf({ headers }: Response): number {
  if (headers.get("content-encoding") !== null) return 0;
  return Number(headers.get("content-length") ?? 0);
}

function concat(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function asError(cause: unknown): Error | undefined {
  return cause instanceof Error ? cause : undefined;
}
