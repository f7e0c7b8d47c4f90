import { OpenBases } from "../bases/open-bases.js";
import { packFiles } from "../format/files/stored-task.js";
import type { TaskManifest } from "../format/manifest/manifest.js";
import { RECORD_FILES } from "../format/manifest/task-files.js";
import { BaseRecorder } from "../page/base-recorder.js";
import { packPageContent } from "../page/page-archive.js";
import { isTaskPage, renderTaskPage } from "../page/page-html.js";
import type { TrainedTask } from "../predict/open-task.js";
import type { RunOptions } from "../sources/options.js";
import type { TaskHandle } from "../task-handle.js";
import type { Workspace } from "../workspace.js";

/** How a task is exported as a page. */
export interface PageExportOptions extends Pick<RunOptions, "signal"> {
  /** One HTML file that predicts in any browser, without a network. */
  readonly format: "html";
  /** The heading of the page. Default: the name of the task. */
  readonly title?: string | undefined;
}

/** A page that was written. */
export interface ExportedPage {
  /** The file. */
  readonly output: string;
  /** Its size. */
  readonly bytes: number;
  /** The base model that is in it, and how many bytes of its files. */
  readonly base: { readonly id: string; readonly bytes: number };
}

/**
 * Exports a task as one HTML file; `Task.export` is its form for programs. The page has what predicts,
 * and nothing of the examples that the task remembers.
 */
export async function exportPage(
  task: TaskHandle,
  output: string,
  { title, signal }: PageExportOptions,
  { host }: Workspace,
): Promise<ExportedPage> {
  const file = await host.files.prepareFile(output, "the page of a task", isTaskPage);
  const { program, wasm } = await host.readPageParts();
  const recorder = new BaseRecorder(host);
  await new OpenBases(recorder).openTuned(task.trained, task.name);
  signal?.throwIfAborted();
  const name = title ?? (task.origin ? host.tasks.nameOf(task.origin.place) : "Task");
  const { recorded: base } = recorder;
  const content = packPageContent({ name, task: packFiles(shared(task.trained)), base, wasm });
  const page = await renderTaskPage({ name, program, content }, host);
  signal?.throwIfAborted();
  await file.write(page);
  const { id } = task.trained.manifest.base;
  const bytes = [...base.values()].reduce((sum, { length }) => sum + length, 0);
  return { output, bytes: page.length, base: { id, bytes } };
}

/** What of a task is handed on: what predicts, and not where its data was or what was wrong with it. */
function shared({ manifest, files }: TrainedTask): {
  readonly manifest: TaskManifest;
  readonly files: ReadonlyMap<string, Uint8Array>;
} {
  const isShared = ([name]: readonly [string, unknown]): boolean => !RECORD_FILES.includes(name);
  return {
    manifest: {
      ...manifest,
      dataset: { ...manifest.dataset, location: undefined, skipped: [] },
      files: Object.fromEntries(Object.entries(manifest.files).filter(isShared)),
    },
    files: new Map([...files].filter(isShared)),
  };
}
