/**
 * Entry for the threads that start workers: a pool for inference, and workers for training steps. It
 * loads nothing that workers run.
 */
export { WorkerPool, type WorkerPoolOptions } from "./compute/worker-pool.js";
export { trainingWorkers } from "./training/training-workers.js";
