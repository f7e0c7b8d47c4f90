import type { Handlers } from "@engraft/core/workers/rpc";
import type {
  DataSource,
  EvaluateSourceOptions,
  ExportOptions,
  ExtendOptions,
  PredictOptions,
  PredictStreamOptions,
  ReportOptions,
  SuggestOptions,
  WorkOptions,
} from "@engraft/tasks";
import { packTaskZip } from "@engraft/tasks/predict";
import type { DataMethods } from "../protocol/data.js";
import type { SentPrediction } from "../protocol/facts.js";
import type { EngineMethods } from "../protocol/methods.js";
import type { ModelMethods } from "../protocol/models.js";
import type { Engine } from "./engine.js";
import { sentItems, sentPrediction } from "./send.js";
import { watched } from "./watch.js";

type TaskMethods = Omit<
  EngineMethods,
  | keyof ModelMethods
  | keyof DataMethods
  | "open"
  | "info"
  | "storage"
  | "clear"
  | "train"
  | "loadTask"
  | "suggestFirst"
  | "selectBase"
>;

/** Predictions of a stream that cross together, at most. */
const AT_ONCE = 64;

/** What answers the calls that concern a task. */
export function taskHandlers(opened: () => Engine): Handlers<TaskMethods> {
  return {
    async predict({ task, inputs, options }, { signal }) {
      const settings: PredictOptions = { ...options, signal };
      const { tasks, receive } = opened();
      const given = receive.inputs(inputs, settings);
      return { predictions: await tasks.get(task).predict(given, settings) };
    },
    async stream({ task, source, options }) {
      const { tasks, receive } = opened();
      const settings = options as PredictStreamOptions;
      const { source: inputs, forget } = receive.unlabelled(source, settings);
      const stream = tasks.get(task).predictStream(inputs, settings);
      return { stream: tasks.addStream(stream, forget) };
    },
    async next({ stream: number }) {
      const stream = opened().tasks.stream(number);
      const predictions: SentPrediction[] = [];
      while (predictions.length < AT_ONCE) {
        const { done, value } = await stream.next();
        if (done) return { predictions, done: true };
        predictions.push(sentPrediction(value));
      }
      return { predictions, done: false };
    },
    async end({ stream }) {
      await opened().tasks.endStream(stream);
      return undefined;
    },
    async evaluate({ task, source, options }, call) {
      const { tasks, receive } = opened();
      const settings = watched<EvaluateSourceOptions>(options, call);
      return receive.withData(source, (data) => tasks.get(task).evaluate(data, settings));
    },
    async compare({ task, other, source, options }, call) {
      const { tasks, receive } = opened();
      const settings = watched<EvaluateSourceOptions>(options, call);
      return receive.withData(source, (data) =>
        tasks.get(task).compare(tasks.get(other), data, settings),
      );
    },
    async extend({ task, source, unlabelled, options }, call) {
      const { tasks, receive } = opened();
      const settings = watched<ExtendOptions>(options, call);
      return receive.withUnlabelled(unlabelled, settings, (others) =>
        tasks.using(task, async (old, places) => {
          const how = { ...settings, unlabelled: others };
          return tasks.add(await receive.withData(source, (data) => old.extend(data, how)), places);
        }),
      );
    },
    async findLabelErrors({ task, source, options }, call) {
      const { tasks, receive } = opened();
      const settings = watched<WorkOptions>(options, call);
      const review = await receive.withData(source, (data) =>
        tasks.get(task).findLabelErrors(data, settings),
      );
      return { ...review, suspects: await sentItems(review.suspects) };
    },
    async suggest({ task, source, options }, call) {
      const { tasks, receive } = opened();
      const settings = watched<SuggestOptions>(options, call);
      return receive.withUnlabelled(source, settings, async (inputs) => {
        const found = await tasks.get(task).suggest(inputs!, settings);
        return { ...found, suggested: await sentItems(found.suggested) };
      });
    },
    async report({ task, options }, call) {
      const report = opened().tasks.get(task).report(watched<ReportOptions>(options, call));
      const { output: _, ...rest } = await report;
      return rest;
    },
    async export({ task, data, inputs, options }, call) {
      const { tasks, receive, host } = opened();
      const place = host.files.collect();
      try {
        const settings = watched<ExportOptions>(options, call);
        return await receive.withUnlabelled(inputs, settings, async (samples) => {
          const write = async (labelled: DataSource | undefined) => {
            const how = { ...settings, data: labelled, inputs: samples };
            const { output: _, ...exported } = await tasks.get(task).export(place, how);
            return { ...exported, content: host.files.take(place) };
          };
          return data === undefined ? write(undefined) : receive.withData(data, write);
        });
      } finally {
        host.files.take(place);
      }
    },
    taskFiles: async ({ task }) => ({ files: await opened().tasks.get(task).files() }),
    async pack({ task }) {
      const files = await opened().tasks.get(task).files();
      return { file: packTaskZip(files) as Uint8Array<ArrayBuffer> };
    },
    async exportPage({ task, options }, { signal }) {
      const { tasks, host } = opened();
      const place = host.files.collect();
      const title = options.title as string | undefined;
      try {
        await tasks.get(task).export(place, { format: "html", title, signal });
        const [file] = host.files.take(place).values();
        return { file: file as Uint8Array<ArrayBuffer> };
      } finally {
        host.files.take(place);
      }
    },
    async save({ task, place, options }, call) {
      const { tasks, receive } = opened();
      return tasks.using(task, async (saved, places) => {
        const target = receive.task(place);
        for (const added of target.added) places.add(added);
        await saved.save(target.place, watched(options, call));
        return undefined;
      });
    },
    async closeTask({ task }) {
      await opened().tasks.close(task);
      return undefined;
    },
  };
}
