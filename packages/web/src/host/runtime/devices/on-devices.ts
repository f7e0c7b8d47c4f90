import type { Runtime } from "@engraft/core";
import type { Devices } from "./devices.js";

/**
 * A runtime that runs models where {@link Devices} says. Heads of tasks stay on WebAssembly: to bring
 * their inputs to a GPU takes longer than they do. The code for a GPU is loaded where there is one.
 */
export function runtimeOnDevices(wasm: Runtime, devices: Devices): Runtime {
  return {
    concurrency: 1,
    async createSession(model, options = {}) {
      const { base, isSmall } = options;
      if (isSmall || (await devices.adapter()) === undefined) {
        return wasm.createSession(model, options);
      }
      if (base && (await devices.deviceOf(base)) === "wasm") {
        return wasm.createSession(model, options);
      }
      const { DeviceSession } = await import("./device-session.js");
      return DeviceSession.open({ model, options, wasm, devices });
    },
  };
}
