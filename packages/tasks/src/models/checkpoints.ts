import {
  decodeCheckpoint,
  encodeCheckpoint,
  type FitConfig,
  type FitExamples,
  isCheckpoint,
  type Model,
  type RunState,
} from "@engraft/core";
import { checkpointRun } from "@engraft/core/internal";
import type { Host } from "../host.js";

/** The file that the state of a run is kept in. */
export interface Checkpoints {
  /** Replaces the state that was kept before. */
  write(state: RunState): Promise<void>;
  /** The state that is kept; undefined where there is none yet. */
  read(): Promise<RunState | undefined>;
}

/**
 * Opens the checkpoints of a run. Configuration, data and weights are hashed: a state belongs to this
 * very run.
 *
 * @throws UsageError when the examples do not fit the model, or something else is at the place.
 * @throws OutputError when nothing can be written there.
 */
export async function openCheckpoints(
  place: string,
  run: { readonly model: Model; readonly examples: FitExamples; readonly config: FitConfig },
  { files, sha256 }: Pick<Host, "files" | "sha256">,
): Promise<Checkpoints> {
  const digest = await checkpointRun(run.model, run.examples, run.config, sha256);
  const file = await files.prepareFile(place, "a checkpoint", isCheckpoint);
  return {
    async write(state) {
      await file.write(await encodeCheckpoint(state, digest, sha256));
    },
    async read() {
      const bytes = await file.read();
      return bytes && decodeCheckpoint(bytes, digest, sha256);
    },
  };
}
