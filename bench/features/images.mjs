// Images per second, from JPEG file to vector, on Hymenoptera.
import { join } from "node:path";
import { readDataset } from "engraft";
import { every, options, report } from "../lib.mjs";
import { measureRates } from "./extractor.mjs";

const { data, limit } = options();
const { splits } = await readDataset(join(data, "hymenoptera"));
const inputs = every([...splits.train, ...splits.val], limit).map(({ input }) => input);
const { rates, firstVector } = await measureRates("efficientnet-lite0", inputs);
report(rates, { inputs: inputs.length, firstVector });
