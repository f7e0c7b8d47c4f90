// Stryker leaves alone the words of an error's message: tests hold errors to class, code and fields.
import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";

/** Prose has spaces; codes and names have none. */
const isProse = ({ node }) =>
  node.type === "TemplateLiteral" || (node.type === "StringLiteral" && node.value.includes(" "));

const isErrorCall = ({ node }) =>
  node.type === "NewExpression" &&
  node.callee.type === "Identifier" &&
  /Error$/.test(node.callee.name);

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, "error-messages", {
    shouldIgnore: (path) =>
      isProse(path) && path.findParent(isErrorCall) ? "The words of an error's message" : undefined,
  }),
];
