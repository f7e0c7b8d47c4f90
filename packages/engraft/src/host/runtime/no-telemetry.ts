/**
 * ONNX Runtime reports its use to its maker unless the environment says otherwise when it is loaded.
 * To be imported where threads are started, too: a thread has but a copy of the environment, and
 * what it sets there is not seen by native code.
 */
process.env.ORT_DISABLE_TELEMETRY ??= "1";
