/** Boxes of a file in the ISO base media format: where each one's content begins and ends. */
function* boxes(
  file: Uint8Array,
  start: number,
  end: number,
): Generator<{ readonly type: string; readonly start: number; readonly end: number }> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = start; at + 8 <= end; ) {
    const size = view.getUint32(at);
    // A box of 0 goes on to the end; one of 1 has its size in 64 bits, which none of these needs.
    const next = size === 0 ? end : at + size;
    if (size !== 0 && (size < 8 || next > end)) return;
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    yield { type, start: at + 8, end: next };
    at = next;
  }
}

/** Boxes that hold the properties of images, and how many bytes stand before their own boxes. */
const PARENTS: ReadonlyMap<string, number> = new Map([
  ["meta", 4],
  ["iprp", 0],
  ["ipco", 0],
]);

/**
 * The longest side that an AVIF file claims for any of its images; 0 where it claims none. libvips
 * reads sizes beyond 2^31 wrongly, and says so on stderr.
 */
export function longestAvifSide(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let longest = 0;
  const look = (start: number, end: number): void => {
    for (const box of boxes(file, start, end)) {
      const skipped = PARENTS.get(box.type);
      if (skipped !== undefined) look(box.start + skipped, box.end);
      else if (box.type === "ispe" && box.end - box.start >= 12) {
        longest = Math.max(longest, view.getUint32(box.start + 4), view.getUint32(box.start + 8));
      }
    }
  };
  look(0, file.length);
  return longest;
}
