"use client";

// On the server, where this component is drawn first, the package does nothing.
import { type Task, train, type WebRow } from "@engraft/web";
import { useState } from "react";

const MAILS: readonly WebRow[] = [
  ["win a free prize now", "spam"],
  ["claim your cash reward today", "spam"],
  ["you won the lottery, click here", "spam"],
  ["limited offer, buy now and save", "spam"],
  ["click to get a free cruise", "spam"],
  ["the meeting moved to tuesday morning", "ham"],
  ["please review the attached report", "ham"],
  ["lunch with the team at noon", "ham"],
  ["can you send me the slides", "ham"],
  ["thanks for the feedback on the draft", "ham"],
];

/** Trains a task in the tab, and asks it. */
export function Sorter() {
  const [task, setTask] = useState<Task<"text">>();
  const [state, setState] = useState("Nothing is trained yet.");
  const [answer, setAnswer] = useState("");

  async function learn() {
    setState("Training");
    const trained = (await train(MAILS, { seed: 1 })) as Task<"text">;
    const right = Math.round(100 * trained.metrics.accuracy);
    setState(`Right on ${right} % of mails that it had not seen.`);
    setTask(trained);
  }

  async function ask(text: string) {
    if (task === undefined || text.trim() === "") return;
    const { label } = await task.predict(text);
    setAnswer(label);
  }

  return (
    <>
      <button type="button" onClick={() => void learn()}>
        Train on ten mails
      </button>
      <p id="state" role="status">
        {state}
      </p>
      <label>
        A new mail <input disabled={!task} onChange={({ target }) => void ask(target.value)} />
      </label>
      <output id="answer">{answer}</output>
    </>
  );
}
