// A static server, as an app has one.
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";

const TYPES = new Map([
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript"],
  [".mjs", "text/javascript"],
  [".css", "text/css"],
  [".wasm", "application/wasm"],
  [".json", "application/json"],
]);

/** Under these rules Engraft says that it works. */
const POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; " +
  "img-src 'self' blob: data:";

/**
 * Serves a folder.
 *
 * @param {string} folder
 * @param {boolean} hasPolicy Whether pages may run no inline script and fetch from nobody else.
 * @returns {Promise<{ address: string, close: () => Promise<void> }>}
 */
export async function serveFolder(folder, hasPolicy) {
  const server = createServer((request, response) => {
    answer(request, response, folder, hasPolicy).catch(() => response.writeHead(500).end());
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  return {
    address: `http://localhost:${server.address().port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

async function answer({ url = "/" }, response, folder, hasPolicy) {
  const path = decodeURIComponent(new URL(url, "http://localhost").pathname);
  const file = await fileAt(join(folder, path));
  if (file === undefined) {
    response.writeHead(404).end("There is no such file.");
    return;
  }
  const body = await readFile(file);
  response.writeHead(200, {
    "content-type": TYPES.get(extname(file)) ?? "application/octet-stream",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    ...(hasPolicy && { "content-security-policy": POLICY }),
  });
  response.end(body);
}

async function fileAt(path) {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return fileAt(join(path, "index.html"));
  return found === undefined ? undefined : path;
}
