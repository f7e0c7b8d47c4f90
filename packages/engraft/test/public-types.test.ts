import type { ClientError } from "@engraft/client";
import { expectTypeOf, it } from "vitest";
import type {
  AutodiffError,
  CheckpointError,
  compileTrainingStep,
  createEngraft,
  DataError,
  EngraftError,
  EngraftErrorCode,
  evaluate,
  FitResult,
  fit,
  loadModel,
  Model,
  ModelTrainingData,
  OnnxError,
  OpenModel,
  OutputError,
  openModel,
  predict,
  TaskChangedError,
  Tensor,
  TrainingMetrics,
  TrainingStep,
} from "../dist/index.js";

// What is wrong here is an error of `npm run types`.

it("says of every error which codes it can have, all of them in one union", () => {
  type Codes = (
    | AutodiffError
    | CheckpointError
    | DataError
    | OnnxError
    | OutputError
    | TaskChangedError
    | ClientError
  )["code"];
  expectTypeOf<Codes>().toExtend<EngraftErrorCode>();
  expectTypeOf<EngraftError["code"]>().toEqualTypeOf<EngraftErrorCode>();
  expectTypeOf<EngraftErrorCode>().not.toEqualTypeOf<string>();
});

it("has the work on models as functions and as methods, with the same types", () => {
  type Instance = ReturnType<typeof createEngraft>;
  expectTypeOf<Instance["loadModel"]>().toEqualTypeOf<typeof loadModel>();
  expectTypeOf<Instance["fit"]>().toEqualTypeOf<typeof fit>();
  expectTypeOf<Instance["predict"]>().toEqualTypeOf<typeof predict>();
  expectTypeOf<Instance["evaluate"]>().toEqualTypeOf<typeof evaluate>();
  expectTypeOf<Instance["openModel"]>().toEqualTypeOf<typeof openModel>();
  expectTypeOf<Instance["compileTrainingStep"]>().toEqualTypeOf<typeof compileTrainingStep>();
  expectTypeOf<Instance>().toExtend<AsyncDisposable>();
});

it("has types for what goes in and comes out", () => {
  expectTypeOf<Parameters<typeof fit>>().toExtend<[Model, ModelTrainingData, unknown?]>();
  expectTypeOf<ReturnType<typeof fit>>().toEqualTypeOf<Promise<FitResult>>();
  expectTypeOf<"photos/">().toExtend<ModelTrainingData>();
  expectTypeOf<ReturnType<OpenModel["predict"]>>().toEqualTypeOf<Promise<Tensor>>();
  expectTypeOf<ReturnType<OpenModel["evaluate"]>>().toEqualTypeOf<Promise<TrainingMetrics>>();
  expectTypeOf<TrainingStep>().toExtend<AsyncDisposable>();
  expectTypeOf<OpenModel>().toExtend<AsyncDisposable>();
});
