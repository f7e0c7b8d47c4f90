import type { ServerOptions } from "./options.js";
import type { ImageQueue } from "./queue/image-queue.js";
import type { TaskRegistry } from "./registry.js";
import type { ServerMetrics } from "./server-metrics.js";

/** What the HTTP interface is made of. */
export interface AppParts {
  readonly registry: TaskRegistry;
  readonly images: ImageQueue;
  readonly metrics: ServerMetrics;
  readonly options: ServerOptions;
  /** Told of defects. */
  readonly onError: (error: unknown) => void;
}
