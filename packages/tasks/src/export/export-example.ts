import { sourceString } from "@engraft/core/escape";

/** A program that uses an exported model, and how to install what it needs. */
export interface Example {
  readonly install: string;
  readonly code: string;
  /** What to know about it, where there is something. */
  readonly note?: string;
}

/** Code from lines and blocks of lines; what does not apply is left out. */
export function lines(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => part !== false && part !== undefined).join("\n");
}

/** JavaScript that imports names from modules. */
export function importLines(
  ...imports: readonly (readonly [names: string, module: string])[]
): string {
  return imports
    .map(([names, module]) => `import ${names} from ${sourceString(module)};`)
    .join("\n");
}

/** A key of an object literal of JavaScript: quoted, `__proto__` would be the prototype. */
export function propertyKey(name: string): string {
  return name === "__proto__" ? `[${sourceString(name)}]` : sourceString(name);
}
