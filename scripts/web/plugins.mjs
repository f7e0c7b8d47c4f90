// What the bundles of @engraft/web change in libraries.

/**
 * ONNX Runtime Web names its own module to learn its address, in a form that hides it from bundlers. The
 * minifier undoes that, and webpack looks for a module that is in this bundle.
 */
export const ownAddress = patch(
  "engraft-own-address",
  /onnxruntime-web[\\/]dist[\\/]ort\.\w+\.min\.mjs$/,
  [[/new \w+\("ort\.\w+\.min\.mjs",import\.meta\.url\)\.href/, "import.meta.url"]],
);

/**
 * ONNX Runtime Web with its code in it imports another one where it is told to, and names files beside
 * itself. Engraft tells it nothing of the kind on one thread, and names its WebAssembly.
 */
export const oneFile = patch(
  "engraft-one-file",
  /onnxruntime-web[\\/]dist[\\/]ort\.wasm\.bundle\.min\.mjs$/,
  [
    [/\(await import\([^)]*\)\)\.default/, '(()=>{throw new Error("it has its code in it")})()'],
    [/import\.meta\.url/g, "undefined"],
  ],
);

/**
 * The checks of zod make code of text where that is allowed, and try it to learn whether it is. Pages
 * with a content security policy would report that.
 */
export const noCodeOfText = patch(
  "engraft-no-code-of-text",
  /zod[\\/]v4[\\/]core[\\/](?:compile|doc|util)\.js$/,
  [["const F = Function;", "const F = undefined;"]],
);

/** A plugin that changes modules. @throws Error where one does not have what is to be changed. */
function patch(name, id, changes) {
  return {
    name,
    transform: {
      filter: { id },
      handler(code, path) {
        let changed = code;
        for (const [from, to] of changes) {
          const before = changed;
          changed = changed.replace(from, to);
          if (changed === before) throw new Error(`${path} has no ${from}`);
        }
        return { code: changed, map: null };
      },
    },
  };
}
