// Package managers, and how each is told to install Engraft in an empty folder.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Manager
 * @property {string} name As the table shows it.
 * @property {string} tool Package and version on the registry.
 * @property {string} bin The program in it.
 * @property {number} [oldestNode] The oldest major version of Node that it supports.
 * @property {boolean} [isNative] Whether it is a program of its own, instead of one for Node.
 * @property {Record<string, string>} [settings] Of .yarnrc.yml.
 * @property {(file: string) => string[]} add Arguments that install a tarball.
 */

const BERRY = {
  tool: "@yarnpkg/cli-dist@4.18.1",
  bin: "yarn",
  add: (file) => ["add", `engraft@file:${file}`],
};

/** @type {readonly Manager[]} */
export const MANAGERS = [
  { name: "npm 10", tool: "npm@10", bin: "npm", add: (file) => ["install", file] },
  { name: "npm 11", tool: "npm@11", bin: "npm", add: (file) => ["install", file] },
  { name: "npm 12", tool: "npm@12", bin: "npm", oldestNode: 22, add: (file) => ["install", file] },
  { name: "pnpm", tool: "pnpm@12.21.0", bin: "pnpm", isNative: true, add: (file) => ["add", file] },
  { name: "yarn 1", tool: "yarn@1.22.22", bin: "yarn", add: (file) => ["add", file] },
  { name: "yarn 4", ...BERRY, settings: { nodeLinker: "node-modules" } },
  { name: "yarn 4 PnP", ...BERRY, settings: { nodeLinker: "pnp" } },
  { name: "bun", tool: "bun@1.4.5", bin: "bun", isNative: true, add: (file) => ["add", file] },
];

/** Makes an empty project whose package manager asks `registry` for Engraft's packages. */
export function writeProject(folder, { settings, bin }, registry) {
  const write = (name, lines) => writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
  write("package.json", ['{ "name": "project", "version": "1.0.0", "private": true }']);
  write(".npmrc", [`@engraft:registry=${registry}`]);
  if (settings === undefined || bin !== "yarn") return;
  write(".yarnrc.yml", [
    `npmScopes: { engraft: { npmRegistryServer: "${registry.replace(/\/$/, "")}" } }`,
    'unsafeHttpWhitelist: ["127.0.0.1"]',
    "enableTelemetry: false",
    ...Object.entries(settings).map(([key, value]) => `${key}: ${value}`),
  ]);
  // Marks the folder as a project of its own.
  write("yarn.lock", []);
}
