// A registry on this computer that has Engraft's packed packages and nothing else: package managers are
// told to ask it for what begins with @engraft/, so they resolve versions, optional packages and
// platforms as they will when the packages are published.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename } from "node:path";

/** An old date: package managers may refuse what was published a moment ago. */
const PUBLISHED = "2026-01-01T00:00:00.000Z";

/**
 * Serves tarballs as a registry.
 *
 * @param {Iterable<string>} tarballs Paths.
 * @returns {Promise<{ url: string, tarballs: Map<string, string>, close: () => Promise<void> }>}
 */
export async function serveRegistry(tarballs) {
  const packages = new Map();
  for (const path of tarballs) {
    const manifest = manifestOf(path);
    packages.set(manifest.name, { manifest, path, digests: digestsOf(path) });
  }
  const files = new Map([...packages.values()].map(({ path }) => [basename(path), path]));
  const server = createServer(({ url = "/" }, response) => {
    const wanted = decodeURIComponent(new URL(url, "http://127.0.0.1").pathname.slice(1));
    const file = files.get(wanted.replace(/^.*\/-\//, ""));
    if (file !== undefined) return response.end(readFileSync(file));
    const found = packages.get(wanted);
    if (found === undefined) {
      response.writeHead(404, { "content-type": "application/json" });
      return response.end(JSON.stringify({ error: "not found" }));
    }
    response.writeHead(200, { "content-type": "application/json" });
    return response.end(JSON.stringify(packument(found, addressOf(server))));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = addressOf(server);
  return {
    url,
    tarballs: new Map([...packages].map(([name, { path }]) => [name, path])),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

function digestsOf(path) {
  const bytes = readFileSync(path);
  return {
    shasum: createHash("sha1").update(bytes).digest("hex"),
    integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`,
  };
}

function packument({ manifest, path, digests }, url) {
  const { name, version } = manifest;
  const dist = { tarball: tarballAddress({ manifest, path }, url), ...digests };
  return {
    _id: name,
    name,
    "dist-tags": { latest: version },
    time: { created: PUBLISHED, modified: PUBLISHED, [version]: PUBLISHED },
    versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
  };
}

function tarballAddress({ manifest, path }, url) {
  return `${url}${manifest.name}/-/${basename(path)}`;
}

function addressOf(server) {
  return `http://127.0.0.1:${server.address().port}/`;
}

function manifestOf(path) {
  return JSON.parse(
    execFileSync("tar", ["-xzOf", path, "package/package.json"], { encoding: "utf8" }),
  );
}
