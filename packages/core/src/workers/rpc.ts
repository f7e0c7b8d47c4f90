/** Entry for connections between threads with methods of their own: it loads nothing that computes. */
export * from "./port.js";
export { type CallOptions, RpcClient } from "./rpc/client.js";
export { isObject } from "./rpc/is-object.js";
export type { Call, EventOf, Handlers, MethodRules, Protocol, Signatures } from "./rpc/protocol.js";
export { serve } from "./rpc/server.js";
