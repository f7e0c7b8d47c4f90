const pending: (() => Promise<unknown>)[] = [];

/**
 * Has something done when the test file that is running ends. For modules that several files use: they
 * are loaded once, and an `afterAll` of theirs would only be heard by the first file.
 */
export function atEnd(undo: () => Promise<unknown>): void {
  pending.push(undo);
}

/** Does what is to be done at the end, the last first. */
export async function endFile(): Promise<void> {
  for (const undo of pending.splice(0).reverse()) await undo();
}
