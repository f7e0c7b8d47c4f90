import { explainWrite, type KeptFile, type KeptFiles } from "./kept-files.js";
import "./sync-access.js";

/** The folder of Engraft in the private file system of the origin. */
const ROOT = "engraft";

/** Files in the origin's private file system, and files there that are appended to. */
export interface OpfsFiles extends KeptFiles {
  /** Opens a file at its end. Nobody else can write it until it is closed. */
  openEnd(path: string): Promise<FileSystemSyncAccessHandle>;
  /** The file as it is now, to read parts of it; undefined where there is none. */
  open(path: string): Promise<Blob | undefined>;
}

/**
 * Files in the origin's private file system.
 *
 * @throws Where the browser has none, or not for this page.
 */
export async function opfsFiles(): Promise<OpfsFiles> {
  const root = await navigator.storage.getDirectory();
  const home = await root.getDirectoryHandle(ROOT, { create: true });
  const files = new Opfs(home);
  // Some browsers have it and refuse to write, in private windows.
  await files.write(PROBE, new Uint8Array(1));
  await files.remove(PROBE);
  return files;
}

const PROBE = "probe";

class Opfs implements OpfsFiles {
  readonly where = "opfs";
  readonly #home: FileSystemDirectoryHandle;

  constructor(home: FileSystemDirectoryHandle) {
    this.#home = home;
  }

  async open(path: string): Promise<Blob | undefined> {
    return (await this.#find(path))?.getFile();
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    const file = await this.open(path);
    return file && new Uint8Array(await file.arrayBuffer());
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    const file = await this.openEnd(path);
    try {
      file.truncate(0);
      writeAll(file, bytes, 0);
      file.flush();
    } catch (error) {
      throw await explainWrite(error);
    } finally {
      file.close();
    }
  }

  async openEnd(path: string): Promise<FileSystemSyncAccessHandle> {
    const [folder, name] = await this.#folderOf(path, true);
    const file = await folder!.getFileHandle(name, { create: true });
    return file.createSyncAccessHandle();
  }

  async list(folder: string): Promise<readonly KeptFile[]> {
    const [parent, name] = await this.#folderOf(folder, false);
    const handle = await orUndefined(parent?.getDirectoryHandle(name));
    return handle === undefined ? [] : listBelow(handle, folder);
  }

  async remove(path: string): Promise<void> {
    const [folder, name] = await this.#folderOf(path, false);
    await orUndefined(folder?.removeEntry(name, { recursive: true }));
  }

  async #find(path: string): Promise<FileSystemFileHandle | undefined> {
    const [folder, name] = await this.#folderOf(path, false);
    return orUndefined(folder?.getFileHandle(name));
  }

  /** The folder that a path is in, and the last name of the path. */
  async #folderOf(
    path: string,
    create: boolean,
  ): Promise<[FileSystemDirectoryHandle | undefined, string]> {
    const names = path.split("/");
    const last = names.pop()!;
    let folder: FileSystemDirectoryHandle | undefined = this.#home;
    for (const name of names) {
      const inner: Promise<FileSystemDirectoryHandle> | undefined = folder?.getDirectoryHandle(
        name,
        {
          create,
        },
      );
      folder = create ? await inner : await orUndefined(inner);
    }
    return [folder, last];
  }
}

/** @throws DOMException `QuotaExceededError` where not all bytes are written. */
export function writeAll(file: FileSystemSyncAccessHandle, bytes: Uint8Array, at: number): void {
  // Where room is short, some browsers write a part and throw nothing.
  const written = file.write(bytes as Uint8Array<ArrayBuffer>, { at });
  if (written === bytes.length) return;
  file.truncate(at);
  throw new DOMException("Not all bytes were written.", "QuotaExceededError");
}

async function listBelow(
  folder: FileSystemDirectoryHandle,
  path: string,
): Promise<readonly KeptFile[]> {
  const files: KeptFile[] = [];
  for await (const [name, handle] of folder) {
    const inner = `${path}/${name}`;
    if (handle instanceof FileSystemDirectoryHandle)
      files.push(...(await listBelow(handle, inner)));
    else
      files.push({ path: inner, bytes: (await (handle as FileSystemFileHandle).getFile()).size });
  }
  return files;
}

/** What is not there is undefined. */
async function orUndefined<T>(found: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof DOMException && MISSING.has(error.name)) return undefined;
    throw error;
  }
}

const MISSING: ReadonlySet<string> = new Set(["NotFoundError", "TypeMismatchError"]);
