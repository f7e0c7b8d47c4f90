import type { Handlers } from "@engraft/core/workers/rpc";
import type {
  FirstSuggestOptions,
  LoadOptions,
  SelectBaseOptions,
  TrainOptions,
} from "@engraft/tasks";
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
      return receive.withUnlabelled(unlabelled, async (others) => {
        if (labels === undefined) {
          const data = receive.data(source as SentData);
          const task = await engraft.train(data.source, { ...settings, unlabelled: others });
          return tasks.add(task, data.place);
        }
        return receive.withUnlabelled(source as SentUnlabelled, async (texts) => {
          const how = { ...settings, labels, unlabelled: others };
          return tasks.add(await engraft.train(texts!, how), undefined);
        });
      });
    },
    async loadTask({ place, options }) {
      const { engraft, receive, tasks } = opened();
      return tasks.add(
        await engraft.loadTask(receive.task(place), options as LoadOptions),
        undefined,
      );
    },
    async suggestFirst({ source, options }, call) {
      const { engraft, receive } = opened();
      return receive.withUnlabelled(source, async (inputs) => {
        const found = await engraft.suggest(inputs!, watched<FirstSuggestOptions>(options, call));
        return { ...found, suggested: await sentItems(found.suggested) };
      });
    },
    async selectBase({ source, options }, call) {
      const { engraft, receive } = opened();
      const settings = watched<SelectBaseOptions>(options, call);
      return { ranked: await engraft.selectBase(receive.data(source).source, settings) };
    },
  };
}
