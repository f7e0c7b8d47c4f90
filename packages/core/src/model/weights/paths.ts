/**
 * Paths of layers: parts joined by dots. Names in files may have any number of parts, and a tree of
 * layers as deep as that would take the square of it. So a layer has at most {@link MAX_PARTS} parts;
 * what a name has beyond them belongs to the weight.
 */
const MAX_PARTS = 64;

/** The path without its last part, and no more than {@link MAX_PARTS} parts of it; empty at the top. */
export function outerPath(path: string): string {
  let end = 0;
  for (let parts = 0; parts < MAX_PARTS; parts++) {
    const dot = path.indexOf(".", parts === 0 ? 0 : end + 1);
    if (dot < 0) break;
    end = dot;
  }
  return path.slice(0, end);
}

/** The path of a layer, of which a file says more parts than a layer has. */
export function layerPath(path: string): string {
  return outerPath(`${path}.`);
}

/** The path of a layer and of everything that it is in, from the inside out: `a.b.c`, `a.b`, `a`. */
export function withParents(path: string): string[] {
  const paths = [path];
  for (let end = path.lastIndexOf("."); end > 0; end = path.lastIndexOf(".", end - 1)) {
    paths.push(path.slice(0, end));
  }
  return paths;
}

/** The innermost path that two layers are in; undefined where there is none but the model. */
export function commonPath(a: string, b: string): string | undefined {
  if (a === b) return a;
  const around = new Set(withParents(a));
  return withParents(b).find((path) => around.has(path));
}
