// What both the draw and the tuning must know.
export const SEED = 1;
export const BATCH = 16;
/** Updates that are timed, after some that are not. */
export const STEPS = 20;
export const WARM_UP = 3;
