// Finds strings of users and models that are used as property names of plain objects.
//
// A label, a column or a weight may be called "__proto__" or "constructor". In a plain object such a name
// finds what all objects inherit, or sets the prototype. So a string that is none of a list
//   - indexes no plain object (`object[key]`), unless `Object.hasOwn(object, key)` is asked first, or the
//     object is a variable that begins as `Object.create(null)`,
//   - is not looked for by `key in object`,
//   - is no key of zod's `z.record`, which drops __proto__: that is what `namedValues` is for.
// Use a Map, ask Object.hasOwn, or give the key a type that lists what it can be. Objects may be made of
// such keys, by `Object.fromEntries` or `{ [key]: value }`: these define properties, whatever their names.
//
//   node scripts/check-keys.mjs [files]    without files, the sources of all packages
import { readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The only place that may call z.record with any string. */
const NAMED_VALUES = "packages/core/src/named-values.ts";

const TYPED_ARRAY = /^(?:Buffer|(?:Big)?(?:Int|Uint|Float)\d+(?:Clamped)?Array)$/;

/** @returns One line for each place: `file:line: what`. */
function findKeys(files) {
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.base.json"), (path) =>
    ts.sys.readFile(path),
  );
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  const program = ts.createProgram(files, { ...options, composite: false, types: ["node"] });
  const checker = program.getTypeChecker();
  return files.flatMap((file) => {
    const source = program.getSourceFile(file);
    const found = [];
    const visit = (node) => {
      const what = wrongKey(node, checker);
      if (what !== undefined) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        found.push(
          `${relative(ROOT, file)}:${line + 1}: ${node.getText().split("\n", 1)[0]} ${what}`,
        );
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}

/** What is wrong with a node, if anything. */
function wrongKey(node, checker) {
  if (ts.isElementAccessExpression(node)) {
    const { expression: object, argumentExpression: key } = node;
    const isWrong =
      isAnyOf(key, object, checker) &&
      !isAsked(node, object.getText(), key.getText()) &&
      !isWithoutPrototype(object, checker);
    return isWrong ? "indexes an object with any string" : undefined;
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InKeyword) {
    const isWrong = isAnyOf(node.left, node.right, checker);
    return isWrong ? "looks for any string in an object and what it inherits" : undefined;
  }
  if (ts.isCallExpression(node) && /\bz\.(?:\w*R|r)ecord$/.test(node.expression.getText())) {
    const output = checker.getTypeAtLocation(node.arguments[0]).getProperty("_output");
    const key = output && checker.getTypeOfSymbolAtLocation(output, node);
    const isOther = relative(ROOT, node.getSourceFile().fileName) !== NAMED_VALUES;
    const isWrong = isOther && (key === undefined || isOpenString(key, checker));
    return isWrong ? "takes any string as a key, and drops __proto__" : undefined;
  }
  return undefined;
}

/** Whether a key can be any string, and an object has properties that such a string could name. */
function isAnyOf(key, object, checker) {
  return (
    isOpenString(checker.getTypeAtLocation(key), checker) &&
    !isSafe(checker.getTypeAtLocation(object), checker)
  );
}

/** Whether an object is a variable that begins as one that inherits nothing. */
function isWithoutPrototype(object, checker) {
  const declaration = checker.getSymbolAtLocation(object)?.valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return false;
  return declaration.initializer?.getText() === "Object.create(null)";
}

/** Whether a node is reached only where `Object.hasOwn(object, key)`. */
function isAsked(node, object, key) {
  const question = `Object.hasOwn(${object}, ${key})`;
  for (let inner = node; inner.parent !== undefined; inner = inner.parent) {
    const outer = inner.parent;
    const [condition, then] = ts.isConditionalExpression(outer)
      ? [outer.condition, outer.whenTrue]
      : ts.isIfStatement(outer)
        ? [outer.expression, outer.thenStatement]
        : isAnd(outer)
          ? [outer.left, outer.right]
          : [];
    if (then === inner && parts(condition).includes(question)) return true;
  }
  return false;
}

function isAnd(node) {
  const { AmpersandAmpersandToken } = ts.SyntaxKind;
  return ts.isBinaryExpression(node) && node.operatorToken.kind === AmpersandAmpersandToken;
}

/** The conditions that must all hold. */
function parts(condition) {
  if (isAnd(condition)) return [...parts(condition.left), ...parts(condition.right)];
  return [condition.getText()];
}

/** A string that is not one of some that are listed. */
function isOpenString(type, checker) {
  if (type.isUnion()) return type.types.some((part) => isOpenString(part, checker));
  if (type.isIntersection()) return type.types.every((part) => isOpenString(part, checker));
  if (type.flags & ts.TypeFlags.TypeParameter || type.flags & ts.TypeFlags.Index) {
    const constraint = checker.getBaseConstraintOfType(type);
    return constraint !== undefined && constraint !== type && isOpenString(constraint, checker);
  }
  const { TypeFlags } = ts;
  const open =
    TypeFlags.String | TypeFlags.TemplateLiteral | TypeFlags.StringMapping | TypeFlags.Any;
  return (type.flags & open) !== 0;
}

/** An object whose properties no string can name by accident. */
function isSafe(type, checker) {
  if (type.isUnion()) return type.types.every((part) => isSafe(part, checker));
  if (type.isIntersection()) return type.types.some((part) => isSafe(part, checker));
  const { Undefined, Null, StringLike } = ts.TypeFlags;
  if (type.flags & (Undefined | Null | StringLike)) return true;
  if (checker.isArrayType(type) || checker.isTupleType(type)) return true;
  return TYPED_ARRAY.test(type.symbol?.name ?? "");
}

/** The sources of all packages, without tests. */
function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /(?<!\.test|\.d)\.ts$/.test(entry.name) ? [path] : [];
  });
}

const packages = readdirSync(join(ROOT, "packages"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const given = process.argv.slice(2).map((file) => resolve(file));
const files =
  given.length > 0
    ? given
    : packages.flatMap((name) => sources(join(ROOT, "packages", name, "src")));
const found = findKeys(files);
if (found.length > 0) {
  console.error(found.join("\n"));
  console.error(
    "\nUse a Map, ask Object.hasOwn first, or give the key a type that lists what it can be.",
  );
  process.exit(1);
}
console.log(`Keys: ${files.length} files, no plain object that any string can index.`);
