// Holds every case against PyTorch and prints a table; see README.md.
//
//   node conformance/run.mjs                       out/, and writes docs/conformance.md
//   node conformance/run.mjs bert swin             the cases of out/ whose names begin so
//   node conformance/run.mjs --cases fixtures      the committed ones
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkCase, TOLERANCE } from "./check.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PAGE = join(HERE, "../docs/conformance.md");
const [BEGIN, END] = ["<!-- table -->", "<!-- end of table -->"];
const COLUMNS = [
  "architecture",
  "exporter",
  "opset",
  "nodes",
  "with gradients",
  "parameters",
  "weights",
  "largest gradient error",
  "largest loss error in 10 steps",
  "seconds",
];

const { values: options, positionals: beginnings } = parseArgs({
  allowPositionals: true,
  options: { cases: { type: "string", default: "out" } },
});

const root = join(HERE, options.cases);
const results = [];
for (const name of listCases()) {
  const result = await check(name);
  console.log(describe(result));
  results.push(result);
}
const failures = results.filter(({ failure }) => failure !== undefined);
console.log(`\n${results.length - failures.length} passed, ${failures.length} failed`);
if (options.cases === "out" && beginnings.length === 0) writePage(results);
process.exitCode = failures.length === 0 && results.length > 0 ? 0 : 1;

function listCases() {
  if (!existsSync(root)) {
    console.error(`There is no ${root}: make the cases with export.py, as README.md says.`);
    process.exit(2);
  }
  const names = readdirSync(root).filter((name) => existsSync(join(root, name, "case.json")));
  if (beginnings.length === 0) return names;
  return names.filter((name) => beginnings.some((beginning) => name.startsWith(beginning)));
}

/** The errors of a case and, where they are too large or there are none, why it failed. */
async function check(name) {
  try {
    const result = await checkCase(join(root, name));
    return { ...result, failure: failureOf(result) };
  } catch (error) {
    const given = JSON.parse(readFileSync(join(root, name, "case.json"), "utf8"));
    return { ...given, failure: isRefusal(error) ? refusalOf(error) : error.message };
  }
}

function isRefusal(error) {
  return error.obstacles !== undefined && error.obstacles.length > 0;
}

/** What was refused, by operator: one may stand in the way hundreds of times. */
function refusalOf({ obstacles }) {
  const counts = new Map();
  for (const { operator, reason } of obstacles) {
    const what = `${operator}: ${reason}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return `refused ${Array.from(counts, ([what, count]) => `${count} x ${what}`).join("; ")}`;
}

function failureOf({ lossError, gradients, trainingError }) {
  const wrong = gradients.filter(({ error }) => !(error <= TOLERANCE));
  if (!(lossError <= TOLERANCE)) return `the loss is off by ${exponential(lossError)}`;
  if (wrong.length > 0) {
    const list = wrong.slice(0, 5).map(({ name, error }) => `${name} ${exponential(error)}`);
    return `${wrong.length} of ${gradients.length} gradients are off: ${list.join(", ")}`;
  }
  if (!(trainingError <= TOLERANCE)) return `training is off by ${exponential(trainingError)}`;
  return undefined;
}

function describe({ name, failure, gradients, trainingError, seconds, compileSeconds }) {
  if (failure !== undefined) return `FAILED ${name}: ${failure}`;
  const [worst] = gradients;
  return (
    `ok     ${name}: gradients within ${exponential(worst.error)} (${worst.name}), ` +
    `losses within ${exponential(trainingError)}, compiled in ${compileSeconds.toFixed(2)} s, ` +
    `${seconds.toFixed(2)} s in all`
  );
}

function writePage(results) {
  const rows = [COLUMNS, COLUMNS.map(() => "---"), ...results.map(rowOf)];
  const table = rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const page = readFileSync(PAGE, "utf8");
  const before = page.slice(0, page.indexOf(BEGIN) + BEGIN.length);
  const after = page.slice(page.indexOf(END));
  writeFileSync(PAGE, `${before}\n\n${table}\n\n${after}`);
}

function rowOf(result) {
  const { architecture, exporter, opset, nodes, parameters, weights, failure } = result;
  const model = [architecture, exporter, opset, nodes];
  const size = [parameters.toLocaleString("en"), weights.length];
  if (failure !== undefined) {
    return [...model, "", ...size, `failed: ${failure.replaceAll(/\s+/g, " ")}`, "", ""];
  }
  const errors = [result.gradients[0].error, result.trainingError].map(exponential);
  return [...model, result.stepNodes, ...size, ...errors, result.seconds.toFixed(2)];
}

function exponential(value) {
  return value.toExponential(1);
}
