import type { ClientError } from "@engraft/client";
import { expectTypeOf, it } from "vitest";
import {
  type AutodiffError,
  type CheckpointError,
  type compileTrainingStep,
  createEngraft,
  type DataError,
  type EngraftError,
  type EngraftErrorCode,
  type evaluate,
  type FitResult,
  type fit,
  type loadModel,
  type Model,
  type ModelTrainingData,
  type OnnxError,
  type OpenModel,
  type OutputError,
  type openModel,
  type predict,
  type TaskChangedError,
  type Tensor,
  type TrainingMetrics,
  type TrainingStep,
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

it("has the work on models as functions and as methods, with the same types", async () => {
  await using engraft = createEngraft();
  expectTypeOf(engraft.loadModel).toEqualTypeOf<typeof loadModel>();
  expectTypeOf(engraft.fit).toEqualTypeOf<typeof fit>();
  expectTypeOf(engraft.predict).toEqualTypeOf<typeof predict>();
  expectTypeOf(engraft.evaluate).toEqualTypeOf<typeof evaluate>();
  expectTypeOf(engraft.openModel).toEqualTypeOf<typeof openModel>();
  expectTypeOf(engraft.compileTrainingStep).toEqualTypeOf<typeof compileTrainingStep>();
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
