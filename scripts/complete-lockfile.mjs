// Adds to package-lock.json the optional platform packages that the lockfile's maker could not see,
// and the digest of every package that has none.
//
// A registry mirror that lacks, say, the macOS build of a tool leaves it out of the lockfile, and
// `npm ci` then refuses the lockfile everywhere. An entry with version, system and processor is what
// npm needs to skip the package on other platforms; with its digest, npm checks what it fetches.
// Run after `npm install` changed the lockfile: node scripts/complete-lockfile.mjs
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const LOCKFILE = new URL("../package-lock.json", import.meta.url);
const SYSTEMS = [
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "aix",
  "win32",
];
const PROCESSORS = [
  "arm64",
  "arm",
  "ia32",
  "x64",
  "loong64",
  "mips64el",
  "ppc64le",
  "ppc64",
  "riscv64",
  "s390x",
];

const lockfile = JSON.parse(readFileSync(LOCKFILE, "utf8"));
const { packages } = lockfile;
let added = 0;
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (isLocked(path, name) || !/^\d/.test(version)) continue;
    const words = name.split(/[/.-]/);
    const os = SYSTEMS.filter((system) => words.includes(system));
    const cpu = PROCESSORS.filter((processor) => words.includes(processor));
    if (os.length === 0 && cpu.length === 0) continue;
    packages[`node_modules/${name}`] = {
      version,
      ...(cpu.length > 0 && { cpu }),
      ...(dev && { dev }),
      optional: true,
      ...(os.length > 0 && { os }),
    };
    added += 1;
  }
}
let digests = 0;
for (const [path, entry] of Object.entries(packages)) {
  if (!path.startsWith("node_modules/") || entry.link || entry.integrity) continue;
  const name = entry.name ?? path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  const { version, ...rest } = entry;
  packages[path] = { version, integrity: integrityOf(`${name}@${version}`), ...rest };
  digests += 1;
}
lockfile.packages = Object.fromEntries(
  Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)),
);
writeFileSync(LOCKFILE, `${JSON.stringify(lockfile, undefined, 2)}\n`);
console.log(`Added ${added} platform packages and ${digests} digests.`);

/** The digest that the registry states for a version of a package. */
function integrityOf(spec) {
  const printed = execFileSync("npm", ["view", spec, "dist.integrity"], { encoding: "utf8" });
  if (/^sha512-\S+$/.test(printed.trim())) return printed.trim();
  throw new Error(`The registry states no digest of ${spec}.`);
}

/** Whether a dependency is locked where Node would look for it. */
function isLocked(path, name) {
  return `node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages;
}
