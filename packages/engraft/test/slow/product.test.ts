import { join } from "node:path";
import { createEngraft } from "engraft";
import { productSuite } from "../../../tasks/test/product-suite.js";
import { writeFiles } from "../support.js";

productSuite("Node", async () => {
  const folder = await writeFiles({});
  return {
    engraft: createEngraft({ threads: 2, cache: join(folder, "cache") }),
    place: (name: string) => join(folder, name),
  };
});
