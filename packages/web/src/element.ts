/**
 * The element `<engraft-task>`: a task on a page, without a program. Importing this module defines it; on a
 * server it does nothing.
 *
 * @module @engraft/web/element
 */
import { ElementBase, EngraftTaskElement } from "./element/engraft-task.js";

export type { PredictionEvent, TaskEvents } from "./element/engraft-task.js";
export * from "./page/exports.js";
export { ElementBase, EngraftTaskElement };

declare global {
  interface HTMLElementTagNameMap {
    "engraft-task": EngraftTaskElement;
  }
}

const TAG = "engraft-task";

// Of two copies of Engraft on one page, the first one defines the element.
if (globalThis.customElements?.get(TAG) === undefined) {
  globalThis.customElements?.define(TAG, EngraftTaskElement);
}
