import { Engraft } from "../src/internal.js";
import { createMemoryHost } from "./memory-host.js";
import { productSuite } from "./product-suite.js";

productSuite("one thread and memory alone", () =>
  Promise.resolve({
    engraft: new Engraft(createMemoryHost()),
    place: (name: string) => name,
  }),
);
