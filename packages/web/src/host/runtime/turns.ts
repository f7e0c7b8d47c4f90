import type { Runtime, Session } from "@engraft/core";

/** Work goes on for so long before messages are let in. Milliseconds. */
const LONGEST = 20;

/**
 * A runtime that lets the event loop turn between runs. ONNX Runtime Web holds its thread while it
 * runs, and what follows a run follows in the same turn: without this, a message that stops the work
 * would arrive after it.
 */
export function withTurns(runtime: Runtime): Runtime {
  const turn = createTurns();
  return {
    ...runtime,
    async createSession(model, options) {
      await turn();
      return sessionWithTurns(await runtime.createSession(model, options), turn);
    },
  };
}

function sessionWithTurns(session: Session, turn: () => Promise<void>): Session {
  const { inputNames, outputNames } = session;
  return {
    inputNames,
    outputNames,
    async run(feeds) {
      await turn();
      return session.run(feeds);
    },
    release: () => session.release(),
  };
}

/** Waits for the event loop where the last turn is long ago. */
function createTurns(): () => Promise<void> {
  const waiting: (() => void)[] = [];
  let last = performance.now();
  const take = (): void => {
    last = performance.now();
    for (const resolve of waiting.splice(0)) resolve();
  };
  return () => {
    if (performance.now() - last < LONGEST) return Promise.resolve();
    return new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) inNextTurn(take);
    });
  };
}

/** A timer would wait for some milliseconds. An open channel would keep some runtimes from ending. */
function inNextTurn(work: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    work();
  };
  port2.postMessage(undefined);
}
