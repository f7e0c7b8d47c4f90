// Texts per second, on questions of Banking77.
import { options, readQuestions, report } from "../lib.mjs";
import { measureRates } from "./extractor.mjs";

const { data, limit = 5000 } = options();
const { splits } = await readQuestions(data, "train", limit);
const inputs = splits.train.map(({ input }) => input);
const { rates, firstVector } = await measureRates("minilm-l6", inputs);
report(rates, { inputs: inputs.length, firstVector });
