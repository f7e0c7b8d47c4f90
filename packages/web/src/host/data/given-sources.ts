import type { FileSource, FolderSource } from "@engraft/data";

/**
 * Open files and folders by a name of their own, which stands for their place: a program in a browser
 * holds files, and no paths. They are known until they are forgotten.
 */
export class GivenSources {
  readonly #sources = new Map<string, FileSource | FolderSource>();

  /** Keeps a source. @returns Its place: its name, with a number where that is taken. */
  add(source: FileSource | FolderSource): string {
    let place = source.name;
    for (let number = 2; this.#sources.has(place); number++) place = `${source.name} (${number})`;
    this.#sources.set(place, source);
    return place;
  }

  find(place: string): FileSource | FolderSource | undefined {
    return this.#sources.get(place);
  }

  forget(place: string): void {
    this.#sources.delete(place);
  }
}
