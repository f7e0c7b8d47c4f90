// Properties are tried 20 times for each mutant, not 100 times: a mutant that they find, they find soon.
import fc from "fast-check";

fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: 20 });
