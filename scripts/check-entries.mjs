// Checks that the types of every public entry are closed: each type and class of ours that a signature
// names, and each error class that a `@throws` names, is exported by the entry itself. Otherwise users
// could neither annotate a variable nor test an error without importing a package that is not theirs.
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What users import, by the source that is behind it. All other entries are for our own packages. */
const ENTRIES = {
  "@engraft/onnx": "packages/onnx/src/index.ts",
  "@engraft/autodiff": "packages/autodiff/src/index.ts",
  "@engraft/core": "packages/core/src/index.ts",
  "@engraft/data": "packages/data/src/index.ts",
  "@engraft/client": "packages/client/src/index.ts",
  "@engraft/tasks": "packages/tasks/src/index.ts",
  "@engraft/report": "packages/report/src/index.ts",
  engraft: "packages/engraft/src/index.ts",
  "engraft/predict": "packages/engraft/src/predict.ts",
  "engraft/server": "packages/engraft/src/server.ts",
  "@engraft/web": "packages/web/src/index.ts",
  "@engraft/web/element": "packages/web/src/element.ts",
  "@engraft/web/worker": "packages/web/src/worker.ts",
  "@engraft/web/extension": "packages/web/src/extension.ts",
};

/**
 * What the exports of an entry name and the entry does not export.
 *
 * @param {readonly string[]} paths Entries as absolute paths.
 * @param {string} root Folder of the sources that are ours.
 * @returns {Map<string, string[]>} One sentence for each finding, by entry.
 */
export function findOpenTypes(paths, root = join(ROOT, "packages")) {
  const program = ts.createProgram(paths, readOptions());
  const checker = program.getTypeChecker();
  return new Map(
    paths.map((path) => [path, new Entry(program.getSourceFile(path), checker, root).findings()]),
  );
}

function readOptions() {
  const path = join(ROOT, "tsconfig.test.json");
  const { config } = ts.readConfigFile(path, (file) => readFileSync(file, "utf8"));
  return ts.parseJsonConfigFileContent({ ...config, include: [], files: [path] }, ts.sys, ROOT)
    .options;
}

/** One entry: what it exports, and what the signatures of that name. */
class Entry {
  #checker;
  #root;
  /** Exported symbols, those of namespaces among them, with the name of the export. */
  #exported = new Map();
  #findings = new Set();

  constructor(source, checker, root) {
    this.#checker = checker;
    this.#root = root;
    this.#collect(checker.getSymbolAtLocation(source), "");
  }

  findings() {
    for (const [symbol, name] of this.#exported) {
      for (const declaration of symbol.declarations ?? []) {
        if (this.#isOurs(declaration)) this.#visitDeclaration(declaration, name);
      }
    }
    return [...this.#findings];
  }

  #collect(module, prefix) {
    for (const exported of this.#checker.getExportsOfModule(module)) {
      const symbol = this.#resolve(exported);
      if (this.#exported.has(symbol)) continue;
      const name = `${prefix}${exported.name}`;
      this.#exported.set(symbol, name);
      if (symbol.flags & ts.SymbolFlags.ValueModule) this.#collect(symbol, `${name}.`);
    }
  }

  #visitDeclaration(declaration, name) {
    this.#checkThrows(declaration, name);
    if (ts.isClassLike(declaration) || ts.isInterfaceDeclaration(declaration)) {
      this.#visitAll([declaration.typeParameters, declaration.heritageClauses], name);
      for (const member of declaration.members) this.#visitMember(member, name);
    } else if (ts.isFunctionLike(declaration)) this.#visitSignature(declaration, name);
    else if (ts.isVariableDeclaration(declaration)) this.#visit(declaration.type, name);
    else if (ts.isTypeAliasDeclaration(declaration)) {
      this.#visitAll([declaration.typeParameters, [declaration.type]], name);
    }
  }

  #visitMember(member, name) {
    if (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) return;
    // Of a class that users do not make themselves.
    if (ts.getJSDocTags(member).some(({ tagName }) => tagName.text === "internal")) return;
    if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return;
    const where = member.name === undefined ? name : `${name}.${member.name.getText()}`;
    this.#checkThrows(member, where);
    if (ts.isFunctionLike(member)) this.#visitSignature(member, where);
    else this.#visit(member.type, where);
  }

  #visitSignature({ typeParameters, parameters, type }, name) {
    this.#visitAll([typeParameters, parameters.map((parameter) => parameter.type), [type]], name);
  }

  #visitAll(lists, name) {
    for (const node of lists.flatMap((list) => list ?? [])) this.#visit(node, name);
  }

  /**
   * Goes through a type; what it names is followed no further: it is an export of its own. `typeof` of a
   * value is seen through.
   */
  #visit(node, name) {
    if (node === undefined) return;
    if (ts.isTypeReferenceNode(node)) this.#checkName(node.typeName, name);
    else if (ts.isExpressionWithTypeArguments(node)) this.#checkName(node.expression, name);
    else if (ts.isImportTypeNode(node)) this.#checkName(node.qualifier ?? node.argument, name);
    if (ts.isFunctionLike(node)) this.#checkThrows(node, name);
    ts.forEachChild(node, (child) => this.#visit(child, name));
  }

  #checkName(node, where) {
    const found = this.#checker.getSymbolAtLocation(node);
    if (found === undefined) return;
    const symbol = this.#resolve(found);
    const isOurs = (symbol.declarations ?? []).some((declaration) => this.#isOurs(declaration));
    if (!isOurs || this.#exported.has(symbol) || symbol.flags & ts.SymbolFlags.TypeParameter)
      return;
    // A page has classes of its own under the names of those that are in the worker.
    if ([...this.#exported.values()].includes(symbol.name)) return;
    this.#findings.add(`${where} names ${symbol.name}, which the entry does not export`);
  }

  /** The class that `@throws` begins with. */
  #checkThrows(node, where) {
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text !== "throws") continue;
      const [thrown] = /^\w+/.exec(ts.getTextOfJSDocComment(tag.comment) ?? "") ?? [];
      if (thrown === undefined || !/^[A-Z][a-z]+[A-Z]/.test(thrown)) continue;
      const isExported = [...this.#exported.values()].includes(thrown);
      if (isExported || thrown in globalThis) continue;
      this.#findings.add(`${where} throws ${thrown}, which the entry does not export`);
    }
  }

  #resolve(symbol) {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }

  #isOurs(declaration) {
    const { fileName, isDeclarationFile } = declaration.getSourceFile();
    // What is added to a type of the platform does not make it ours.
    const isGlobal = declaration.parent?.parent?.flags & ts.NodeFlags.GlobalAugmentation;
    return !isDeclarationFile && !isGlobal && !relative(this.#root, fileName).startsWith("..");
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const paths = Object.values(ENTRIES).map((path) => join(ROOT, path));
  const found = findOpenTypes(paths);
  const problems = Object.entries(ENTRIES).flatMap(([name, path]) =>
    found.get(join(ROOT, path)).map((finding) => `${name}: ${finding}`),
  );
  if (problems.length > 0) {
    console.error(problems.join("\n"));
    process.exit(1);
  }
  console.log(`Entries: ${paths.length} of them export every type that they name.`);
}
