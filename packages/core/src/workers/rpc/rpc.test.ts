import { MessageChannel, type MessagePort } from "node:worker_threads";
import { fc, test } from "@fast-check/vitest";
import { afterEach, describe, expect, it } from "vitest";
import { errorClasses } from "../../error-classes.js";
import { DataError, UsageError, WorkerError } from "../../errors.js";
import { isCount, isFloats, isNothing } from "./checks.js";
import { RpcClient } from "./client.js";
import { type EventPort, eventPort } from "./event-port.js";
import type { Port } from "./port.js";
import type { Handlers, Protocol } from "./protocol.js";
import { serve } from "./server.js";

interface Methods {
  readonly double: { readonly params: number; readonly result: number };
  readonly scale: { readonly params: Float32Array; readonly result: Float32Array };
  readonly wait: { readonly params: undefined; readonly result: undefined };
  readonly fail: { readonly params: undefined; readonly result: undefined };
  readonly count: {
    readonly params: number;
    readonly result: undefined;
    readonly event: number;
  };
}

const PROTOCOL: Protocol<Methods> = {
  double: { isParams: isCount, isResult: isCount },
  scale: {
    isParams: isFloats,
    isResult: isFloats,
    moveParams: (data) => [data],
    moveResult: (data) => [data],
  },
  wait: { isParams: isNothing, isResult: isNothing },
  fail: { isParams: isNothing, isResult: isNothing },
  count: { isParams: isCount, isResult: isNothing, isEvent: isCount },
};

const problems = [{ where: "mails.csv:3", what: "has no label" }];

const HANDLERS: Handlers<Methods> = {
  double: async (number) => 2 * number,
  scale: async (data) => data.map((value) => 3 * value),
  wait: () => new Promise(() => {}),
  async fail() {
    throw new DataError("data/invalid", "Bad rows.", { problems });
  },
  async count(to, { notify }) {
    for (let number = 1; number <= to; number++) notify(number);
    setTimeout(() => notify(99));
    return undefined;
  },
};

const channels: MessageChannel[] = [];
afterEach(() => {
  for (const { port1, port2 } of channels.splice(0)) {
    port1.close();
    port2.close();
  }
});

/** A client, and the raw port of the other side. */
function connect(): { client: RpcClient<Methods>; far: MessagePort; near: Port } {
  const channel = new MessageChannel();
  channels.push(channel);
  const near = eventPort(channel.port1);
  return { client: new RpcClient(near, PROTOCOL, errorClasses), far: channel.port2, near };
}

/** A client and a server that answers it. */
function connected(handlers: Partial<Handlers<Methods>> = {}): {
  client: RpcClient<Methods>;
  far: MessagePort;
} {
  const { client, far } = connect();
  serve(eventPort(far), PROTOCOL, { ...HANDLERS, ...handlers }, errorClasses);
  return { client, far };
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail("it succeeded"),
    (error: unknown) => error,
  );

describe("a call", () => {
  it("gives its own result, whatever else is under way", async () => {
    const waiting = new Map<number, () => void>();
    const { client } = connected({
      double: (number) =>
        new Promise((resolve) => {
          waiting.set(number, () => resolve(2 * number));
          if (waiting.size === 3) for (const n of [2, 0, 1]) waiting.get(n)!();
        }),
    });
    const results = Promise.all([0, 1, 2].map((number) => client.call("double", number)));
    expect(client.load).toBe(3);
    expect(await results).toEqual([0, 2, 4]);
    expect(client.load).toBe(0);
  });

  it("moves the arrays that its method says, and no others", async () => {
    const { client } = connected();
    const data = Float32Array.of(1, 2);
    expect(await client.call("scale", data)).toEqual(Float32Array.of(3, 6));
    expect(data).toHaveLength(0);
  });

  it("tells its caller what happens before the result, and nothing after it", async () => {
    const { client } = connected();
    const seen: number[] = [];
    await client.call("count", 3, { onEvent: (number) => seen.push(number) });
    await client.call("count", 2);
    expect(seen).toEqual([1, 2, 3]);
    expect(client.failure).toBeUndefined();
  });

  it("fails with what its listener throws, and tells it nothing more", async () => {
    const { client } = connected();
    const seen: number[] = [];
    const broken = client.call("count", 3, {
      onEvent: (number) => {
        seen.push(number);
        throw new RangeError("too many");
      },
    });
    expect(await failureOf(broken)).toMatchObject({ name: "RangeError", message: "too many" });
    await client.call("count", 1);
    expect(seen).toEqual([1]);
  });

  it("fails where an event is none of its method", async () => {
    const { client, far } = connect();
    const waiting = failureOf(client.call("double", 1));
    far.postMessage({ kind: "event", id: 0, event: 1 });
    expect(await waiting).toMatchObject({ code: "worker/message" });
  });

  it("throws what its handler throws, with class, fields and stack", async () => {
    const { client } = connected();
    const error = await failureOf(client.call("fail", undefined));
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ code: "data/invalid", message: "Bad rows.", problems });
    expect((error as Error).stack).toMatch(/rpc\.test/);
  });

  it("fails where its parameters cannot be cloned, and leaves the others alone", async () => {
    const { client } = connected();
    const odd = (() => 1) as unknown as number;
    const [error, four] = await Promise.all([
      failureOf(client.call("double", odd)),
      client.call("double", 2),
    ]);
    expect(error).toBeInstanceOf(WorkerError);
    expect(error).toMatchObject({ code: "worker/message" });
    expect((error as Error).cause).toMatchObject({ name: "DataCloneError" });
    expect([four, client.load, client.failure]).toEqual([4, 0, undefined]);
  });

  it("fails where its result cannot be cloned, and leaves the others alone", async () => {
    const { client } = connected({ double: async () => (() => 1) as unknown as number });
    const error = await failureOf(client.call("double", 1));
    expect(error).toBeInstanceOf(WorkerError);
    expect(error).toMatchObject({ code: "worker/message" });
    expect(await client.call("scale", Float32Array.of(1))).toEqual(Float32Array.of(3));
  });

  it("fails where parameters or result are not what the method says", async () => {
    const { client } = connected({ scale: async () => 1 as unknown as Float32Array });
    expect(await failureOf(client.call("double", -1))).toMatchObject({
      code: "worker/message",
      message: expect.stringMatching(/asked for "double"/),
    });
    expect(await failureOf(client.call("scale", Float32Array.of(1)))).toMatchObject({
      code: "worker/message",
      message: 'A worker has answered "scale" with something else.',
    });
    expect(await client.call("double", 1)).toBe(2);
  });
});

describe("a signal", () => {
  it("fails the call at once with its reason, and tells the other side", async () => {
    const told = new Promise<void>((resolve) => {
      const { client } = connected({
        wait: (_, { signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener("abort", () => {
              resolve();
              reject(signal.reason);
            });
          }),
      });
      const controller = new AbortController();
      const reason = new UsageError("Enough.");
      const call = client.call("wait", undefined, { signal: controller.signal });
      expect(client.load).toBe(1);
      controller.abort(reason);
      void failureOf(call).then((error) => expect(error).toBe(reason));
    });
    await told;
  });

  it("that is aborted already keeps the call from being made", async () => {
    const { client } = connected();
    const signal = AbortSignal.abort(new UsageError("No."));
    const data = Float32Array.of(1);
    expect(await failureOf(client.call("scale", data, { signal }))).toBe(signal.reason);
    expect([client.load, data.length]).toEqual([0, 1]);
  });

  it("is left alone once the call is answered", async () => {
    const { client } = connected();
    const controller = new AbortController();
    expect(await client.call("double", 3, { signal: controller.signal })).toBe(6);
    controller.abort();
    expect(await client.call("double", 4)).toBe(8);
  });
});

describe("a connection", () => {
  it("fails its calls when the other side is gone, those under way and later ones", async () => {
    const { client, far } = connected();
    const waiting = failureOf(client.call("wait", undefined));
    far.close();
    expect(await waiting).toMatchObject({ code: "worker/died" });
    expect(await failureOf(client.call("double", 1))).toMatchObject({ code: "worker/died" });
    expect(client.load).toBe(0);
    await client.close();
  });

  it("answers what is under way before it closes, and nothing after", async () => {
    let answer = (): void => {};
    const { client } = connected({
      wait: () => new Promise((resolve) => (answer = () => resolve(undefined))),
    });
    const waiting = client.call("wait", undefined);
    await client.call("double", 1);
    const closed = client.close();
    expect(await failureOf(client.call("double", 1))).toMatchObject({ code: "worker/closed" });
    answer();
    await waiting;
    await closed;
  });

  test.prop([fc.anything({ withBigInt: true, withDate: true, withMap: true })], { numRuns: 60 })(
    "fails with a clear error on any message that is no answer",
    async (message) => {
      const { client, far } = connect();
      const waiting = failureOf(client.call("double", 1));
      far.postMessage(message);
      expect(await waiting).toMatchObject({ code: "worker/message" });
    },
  );

  it.each([
    { kind: "result", id: 7, result: 2 },
    { kind: "result", id: 0 },
    { kind: "result", id: "0", result: 2 },
    { kind: "error", id: 0, error: new Error("not encoded") },
    { kind: "fault", error: { message: "not encoded" } },
  ])("fails on an answer that is damaged: %o", async (message) => {
    const { client, far } = connect();
    const waiting = failureOf(client.call("double", 1));
    far.postMessage(message);
    expect(await waiting).toMatchObject({ code: "worker/message" });
  });

  test.prop([fc.anything({ withBigInt: true, withDate: true, withMap: true })], { numRuns: 60 })(
    "fails on both sides when the server receives what is no call",
    async (message) => {
      const { client, near } = connect();
      const channel = channels.at(-1)!;
      serve(eventPort(channel.port2), PROTOCOL, HANDLERS, errorClasses);
      const waiting = failureOf(client.call("wait", undefined));
      near.post(message, []);
      expect(await waiting).toMatchObject({ code: "worker/message" });
    },
  );

  it("refuses a method that the other side does not know", async () => {
    const { client, near } = connect();
    serve(eventPort(channels.at(-1)!.port2), PROTOCOL, HANDLERS, errorClasses);
    const waiting = client.call("double", 1);
    near.post({ kind: "call", id: 99, method: "constructor", params: undefined }, []);
    expect(await waiting).toBe(2);
    expect(await failureOf(client.call("double", 1))).toMatchObject({ code: "worker/message" });
  });

  it("says when it is busy", async () => {
    const said: boolean[] = [];
    const { client } = connectBusy(said);
    await Promise.all([client.call("double", 1), client.call("double", 2)]);
    await client.call("double", 3);
    expect(said).toEqual([true, false, true, false]);
  });

  function connectBusy(said: boolean[]): { client: RpcClient<Methods> } {
    const channel = new MessageChannel();
    channels.push(channel);
    serve(eventPort(channel.port2), PROTOCOL, HANDLERS, errorClasses);
    const port: Port = { ...eventPort(channel.port1), setBusy: (isBusy) => said.push(isBusy) };
    return { client: new RpcClient(port, PROTOCOL, errorClasses) };
  }
});

describe("a worker of the browser", () => {
  it("has died when it throws outside of a call", async () => {
    const listeners = new Map<string, (event: unknown) => void>();
    const posted: unknown[] = [];
    let terminated = 0;
    const worker: EventPort = {
      postMessage: (message) => posted.push(message),
      addEventListener: (type, listener) => listeners.set(type, listener),
      terminate: () => (terminated += 1),
    };
    const client = new RpcClient(eventPort(worker), PROTOCOL, errorClasses);
    const waiting = failureOf(client.call("double", 1));
    expect(posted).toEqual([{ kind: "call", id: 0, method: "double", params: 1 }]);
    const cause = new RangeError("Array buffer allocation failed");
    listeners.get("error")!({ message: "Uncaught RangeError", error: cause });
    const error = await waiting;
    expect(error).toMatchObject({ code: "worker/died", cause });
    expect((error as Error).message).toMatch(/Uncaught RangeError/);
    await client.close();
    expect(terminated).toBe(1);
  });
});
