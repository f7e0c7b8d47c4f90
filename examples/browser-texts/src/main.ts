/** A page that trains a task on texts with labels, and sorts new ones while they are typed. */
import { createEngraft, EngraftError, type Task, type WebDataSource } from "@engraft/web";
import { MAILS } from "./mails.js";

const engraft = createEngraft();
let task: Task | undefined;

const find = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const progress = find<HTMLProgressElement>("progress");
const state = find("state");
const quality = find("quality");
const text = find<HTMLInputElement>("text");

find<HTMLInputElement>("file").addEventListener("change", ({ target }) => {
  const [file] = (target as HTMLInputElement).files ?? [];
  if (file !== undefined) void learn(file);
});
find("sample").addEventListener("click", () => void learn(MAILS));
text.addEventListener("input", () => void answer());

/** Trains on some data, and says how good that is. */
async function learn(data: WebDataSource): Promise<void> {
  progress.hidden = false;
  state.textContent = "";
  try {
    const trained = await engraft.train(data, {
      seed: 1,
      onProgress({ phase, done, total }) {
        state.textContent = phase === "download" ? "Loading the base model, once" : phase;
        progress.value = done / total;
      },
    });
    // What is typed is asked of the new task from now on.
    const before = task;
    task = trained;
    await before?.close();
    const { accuracy } = trained.metrics;
    state.textContent = `Right on ${Math.round(100 * accuracy)} % of texts that it had not seen.`;
    quality.textContent = String(trained);
    quality.hidden = false;
    find("ask").hidden = false;
    text.focus();
  } catch (error) {
    if (!(error instanceof EngraftError)) throw error;
    state.textContent = error.message;
  } finally {
    progress.hidden = true;
  }
}

/** Sorts what is typed. */
async function answer(): Promise<void> {
  const asked = text.value;
  if (task === undefined || asked.trim() === "") return;
  const { label, probability } = await task.predict(asked);
  // Later letters have an answer of their own.
  if (asked === text.value) {
    find("answer").textContent = `${label} (${Math.round(100 * probability)} %)`;
  }
}
