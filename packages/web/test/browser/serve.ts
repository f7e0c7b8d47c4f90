import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const MODELS = fileURLToPath(new URL("../../../../models", import.meta.url));

const TYPES: ReadonlyMap<string, string> = new Map([
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript"],
  [".mjs", "text/javascript"],
  [".wasm", "application/wasm"],
  [".json", "application/json"],
]);

/** The rules under which Engraft says that it works. */
const SECURITY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; img-src 'self' blob: data:";

/** What a test changes about the answers of a server: the answer itself, or undefined to leave it. */
export type Fault = (
  path: string,
  request: IncomingMessage,
) =>
  | { readonly status?: number; readonly type?: string; readonly body: Uint8Array | string }
  | undefined;

/** A static server of an app. */
export interface TestServer {
  readonly address: string;
  /** Content of further files by their paths, which begin with a slash. */
  readonly files: Map<string, Uint8Array | string>;
  /** How often each path was asked for. */
  readonly requests: Map<string, number>;
  fault: Fault;
  /** Answers a request itself. @returns Whether it did. */
  handle: (path: string, request: IncomingMessage, response: ServerResponse) => boolean;
  /** Whether pages are cross-origin isolated. */
  isIsolated: boolean;
  close(): Promise<void>;
}

const PAGE = "<!doctype html><meta charset=utf-8><title>Engraft</title>";

/**
 * Serves a folder, and the base models below `/engraft/`.
 *
 * @param page - The file of the folder that is its page. Default: an empty page.
 */
export async function serveApp(folder: string, page?: string): Promise<TestServer> {
  const state: Omit<TestServer, "address" | "close"> = {
    files: new Map(),
    requests: new Map(),
    fault: () => undefined,
    handle: () => false,
    isIsolated: true,
  };
  state.files.set("/", page === undefined ? PAGE : await readFile(join(folder, page)));
  const server: Server = createServer((request, response) => {
    void answer(request, response, folder, state).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    address: `http://localhost:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  folder: string,
  { files, requests, fault, handle, isIsolated }: Omit<TestServer, "address" | "close">,
): Promise<void> {
  const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
  requests.set(path, (requests.get(path) ?? 0) + 1);
  if (isIsolated) {
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
  }
  response.setHeader("content-security-policy", SECURITY);
  if (handle(path, request, response)) return;
  const changed = fault(path, request);
  if (changed !== undefined) {
    const { status = 200, type = "application/octet-stream", body } = changed;
    response.writeHead(status, { "content-type": type }).end(body);
    return;
  }
  const body = files.get(path) ?? (await read(path, folder));
  if (body === undefined) {
    response.writeHead(404, { "content-type": "text/plain" }).end("There is no such file.");
    return;
  }
  const type = path === "/" ? ".html" : extname(path);
  response.writeHead(200, {
    "content-type": TYPES.get(type) ?? "application/octet-stream",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

async function read(path: string, folder: string): Promise<Uint8Array | undefined> {
  const base = path.startsWith("/engraft/")
    ? join(MODELS, path.slice("/engraft/".length))
    : join(folder, path);
  return readFile(base).catch(() => undefined);
}
