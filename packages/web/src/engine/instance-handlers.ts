import type { Handlers } from "@engraft/core/workers/rpc";
import type {
  FirstSuggestOptions,
  LoadOptions,
  SelectBaseOptions,
  TrainOptions,
} from "@engraft/tasks";
import type { TaskFacts } from "../protocol/facts.js";
import type { EngineMethods } from "../protocol/methods.js";
import type { SentData, SentUnlabelled } from "../protocol/sources.js";
import type { Engine } from "./engine.js";
import { sentItems } from "./send.js";
import { clearStorage, describeStorage } from "./storage.js";
import { watched } from "./watch.js";

type InstanceMethods = Pick<
  EngineMethods,
  "info" | "storage" | "clear" | "train" | "loadTask" | "suggestFirst" | "selectBase"
>;

/** What answers the calls that concern no task. */
export function instanceHandlers(opened: () => Engine): Handlers<InstanceMethods> {
  return {
    info: () => opened().host.info(),
    storage: async () => describeStorage(await opened().host.kept()),
    async clear({ what, name }) {
      await clearStorage(what, name, await opened().host.kept());
      return undefined;
    },
    async train({ source, unlabelled, options }, call) {
      const { engraft, receive, tasks } = opened();
      const settings = watched<TrainOptions>(options, call);
      const { labels } = settings;
      return receive.withUnlabelled(unlabelled, settings, async (others) => {
        if (labels === undefined) {
          return trainOn(opened(), source as SentData, { ...settings, unlabelled: others });
        }
        return receive.withUnlabelled(source as SentUnlabelled, settings, async (texts) => {
          const how = { ...settings, labels, unlabelled: others };
          return tasks.add(await engraft.train(texts!, how), []);
        });
      });
    },
    async loadTask({ place, options }) {
      const { engraft, host, receive, tasks } = opened();
      const known = receive.task(place);
      try {
        return tasks.add(await engraft.loadTask(known.place, options as LoadOptions), known.added);
      } catch (error) {
        for (const added of known.added) host.places.remove(added);
        throw error;
      }
    },
    async suggestFirst({ source, options }, call) {
      const { engraft, receive } = opened();
      const settings = watched<FirstSuggestOptions>(options, call);
      return receive.withUnlabelled(source, settings, async (inputs) => {
        const found = await engraft.suggest(inputs!, settings);
        return { ...found, suggested: await sentItems(found.suggested) };
      });
    },
    async selectBase({ source, options }, call) {
      const { engraft, receive } = opened();
      const settings = watched<SelectBaseOptions>(options, call);
      const ranked = receive.withData(source, (data) => engraft.selectBase(data, settings));
      return { ranked: await ranked };
    },
  };
}

/** Trains a task; the place of its data is known until it is closed. */
async function trainOn(
  { engraft, host, receive, tasks }: Engine,
  sent: SentData,
  options: TrainOptions,
): Promise<TaskFacts> {
  const { source, place } = receive.data(sent);
  const places = place === undefined ? [] : [place];
  try {
    return tasks.add(await engraft.train(source, options), places);
  } catch (error) {
    for (const each of places) host.given.forget(each);
    throw error;
  }
}
