// Runs before each test file: property tests draw the same values in every run. Another seed finds
// other values: ENGRAFT_TEST_SEED=7 npm test. fast-check prints the seed of a property that fails.
import fc from "fast-check";

const seed = Number(process.env.ENGRAFT_TEST_SEED ?? 20261130);
if (!Number.isInteger(seed)) throw new Error("ENGRAFT_TEST_SEED is not a whole number.");
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
