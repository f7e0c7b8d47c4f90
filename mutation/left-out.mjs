// What Stryker leaves alone, and why.
import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";

/** Prose has spaces; codes and names have none. */
const isProse = ({ node }) =>
  node.type === "TemplateLiteral" || (node.type === "StringLiteral" && node.value.includes(" "));

const isErrorCall = ({ node }) =>
  node.type === "NewExpression" &&
  node.callee.type === "Identifier" &&
  /Error$/.test(node.callee.name);

/** Tests hold errors to class, code and fields. */
const errorMessages = (path) =>
  isProse(path) && path.findParent(isErrorCall) ? "The words of an error's message" : undefined;

/** A loop that counts the other way does not end: each such mutant dies, after minutes. */
const loopCounters = (path) =>
  path.parent?.type === "ForStatement" && path.key === "update"
    ? "The count of a loop, without which it does not end"
    : undefined;

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, "error-messages", { shouldIgnore: errorMessages }),
  declareValuePlugin(PluginKind.Ignore, "loop-counters", { shouldIgnore: loopCounters }),
];
