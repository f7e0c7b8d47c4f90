import { explainWrite, type KeptFile, type KeptFiles } from "./kept-files.js";

/** Name of the cache, and the origin of the addresses in it, which nothing is ever fetched from. */
const NAME = "engraft";
const ORIGIN = "https://engraft.invalid/";

/**
 * Files in the Cache API, for browsers without a private file system.
 *
 * @throws Where the browser has none either.
 */
export async function cacheFiles(): Promise<KeptFiles> {
  const cache = await caches.open(NAME);
  const paths = async (): Promise<string[]> => {
    const requests = await cache.keys();
    return requests.map(({ url }) => decodeURI(url.slice(ORIGIN.length)));
  };
  const addressOf = (path: string): string => ORIGIN + encodeURI(path);
  return {
    where: "cache",
    async read(path) {
      const found = await cache.match(addressOf(path));
      return found && new Uint8Array(await found.arrayBuffer());
    },
    async write(path, bytes) {
      const headers = { "content-length": String(bytes.length) };
      const body = new Response(bytes as Uint8Array<ArrayBuffer>, { headers });
      try {
        await cache.put(addressOf(path), body);
      } catch (error) {
        throw await explainWrite(error);
      }
    },
    async list(folder) {
      const files: KeptFile[] = [];
      for (const path of await paths()) {
        if (!path.startsWith(`${folder}/`)) continue;
        const found = await cache.match(addressOf(path));
        files.push({ path, bytes: Number(found?.headers.get("content-length") ?? 0) });
      }
      return files;
    },
    async remove(path) {
      for (const name of await paths()) {
        if (name === path || name.startsWith(`${path}/`)) await cache.delete(addressOf(name));
      }
    },
  };
}
