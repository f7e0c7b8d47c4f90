/** Entry for what both sides of a connection need: ports, and the errors that cross them. */
export { type ErrorClass, errorClasses } from "../error-classes.js";
export { type EventPort, eventPort } from "./rpc/event-port.js";
export type { Port, PortListener } from "./rpc/port.js";
export type { ErrorClasses } from "./rpc/sent-error.js";
export { workerDied } from "./rpc/worker-died.js";
