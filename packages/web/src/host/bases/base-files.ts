import { IntegrityError } from "@engraft/core/errors";
import { type BaseSpec, parseBaseSpec } from "@engraft/core/predict";
import { BASE_PACKAGES, type BaseId } from "@engraft/tasks/predict";
import type { Downloads } from "../net/downloads.js";
import { fetchFile } from "../net/fetch-file.js";
import { requireFits } from "../runtime/model-size.js";
import { rememberDigest, sha256 } from "../sha256.js";
import { type KeptFiles, StorageFull } from "../storage/kept-files.js";

/** The folder of base files among the kept ones. Their names are their digests. */
export const BASES_FOLDER = "bases";

/** What reading base models asks of the host. */
export interface BaseFilesHome {
  /** The address of the folder of a base, which ends with a slash. */
  readonly addressOf: (id: BaseId) => string;
  readonly kept: () => Promise<KeptFiles>;
  readonly downloads: Downloads;
  readonly onWarning: (message: string) => void;
}

/**
 * Reads the files of base models: each from the app's own server once, and from then on from what the
 * browser keeps. Its digest, which the spec names, decides whether a file is the right one.
 */
export class BaseFiles {
  readonly #home: BaseFilesHome;
  readonly #specs = new Map<
    BaseId,
    Promise<{ readonly bytes: Uint8Array; readonly spec: BaseSpec }>
  >();

  constructor(home: BaseFilesHome) {
    this.#home = home;
  }

  /** @throws IntegrityError `base/invalid` when a file cannot be had. */
  async read(id: BaseId, name: string): Promise<Uint8Array> {
    const { bytes, spec } = await this.#spec(id);
    if (name === "spec.json") return bytes;
    const expected = new Map(Object.entries(spec.files)).get(name);
    if (expected === undefined) return this.#fetch(id, name);
    if (name === spec.model) requireFits(`Base model ${id}`, expected.bytes);
    const kept = await this.#home.kept();
    const path = `${BASES_FOLDER}/${expected.sha256}`;
    const found = await kept.read(path);
    if (found !== undefined && (await isRight(found, expected))) return found;
    const fetched = await this.#fetch(id, name, expected.bytes);
    // What is wrong is not kept; opening the base says so.
    if (await isRight(fetched, expected)) await this.#keep(kept, path, fetched, `${id}/${name}`);
    return fetched;
  }

  async #spec(id: BaseId): Promise<{ readonly bytes: Uint8Array; readonly spec: BaseSpec }> {
    const reading = this.#specs.get(id) ?? this.#readSpec(id);
    this.#specs.set(id, reading);
    // Where it fails, it is tried anew the next time.
    reading.catch(() => this.#specs.delete(id));
    return reading;
  }

  /** The server's, which is small; where it cannot be reached, the one of the last visit. */
  async #readSpec(id: BaseId): Promise<{ readonly bytes: Uint8Array; readonly spec: BaseSpec }> {
    const kept = await this.#home.kept();
    const path = `${BASES_FOLDER}/${id}.json`;
    let bytes: Uint8Array;
    try {
      bytes = await this.#fetch(id, "spec.json");
    } catch (error) {
      const known = await kept.read(path);
      if (known === undefined) throw error;
      return { bytes: known, spec: parseBaseSpec(known) };
    }
    const spec = parseBaseSpec(bytes);
    await this.#keep(kept, path, bytes, `${id}/spec.json`);
    return { bytes, spec };
  }

  async #fetch(id: BaseId, name: string, expected = 0): Promise<Uint8Array> {
    const { addressOf, downloads } = this.#home;
    const address = new URL(name, addressOf(id)).href;
    const download = expected > 0 ? downloads.begin(expected) : undefined;
    try {
      return await fetchFile(address, {
        revalidate: name === "spec.json",
        onBytes: (done, total) => download?.note(done, total),
      });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new IntegrityError(
        "base/invalid",
        name,
        `The file ${name} of base model ${id} was not loaded from ${address}: ${why}. Serve the files ` +
          `of ${BASE_PACKAGES[id]} there, or say where they are (option bases).`,
        { cause },
      );
    } finally {
      download?.end();
    }
  }

  async #keep(kept: KeptFiles, path: string, bytes: Uint8Array, name: string): Promise<void> {
    try {
      await kept.write(path, bytes);
    } catch (error) {
      // Another tab writes the same file at this moment.
      if (error instanceof DOMException && error.name === "NoModificationAllowedError") return;
      const why = error instanceof Error ? error.message : String(error);
      const advice = error instanceof StorageFull ? " Make room to load it once only." : "";
      this.#home.onWarning(`${name} cannot be kept for the next visit: ${why}.${advice}`);
    }
  }
}

async function isRight(
  bytes: Uint8Array,
  expected: { readonly sha256: string; readonly bytes: number },
): Promise<boolean> {
  if (bytes.length !== expected.bytes) return false;
  const digest = await sha256(bytes);
  if (digest !== expected.sha256) return false;
  rememberDigest(bytes, digest);
  return true;
}
