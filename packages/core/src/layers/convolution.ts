import { UsageError } from "../errors.js";
import { type ActivationKind, writeActivation } from "./activation.js";
import type { Initializer } from "./initializers.js";
import {
  type LayerOptions,
  type LayerScope,
  mapsOrTokens,
  requireRank,
  requireSize,
  requireWhole,
  type SingleLayer,
} from "./new-layer.js";

/** Steps and borders of a window that moves over a map. */
export interface WindowOptions extends LayerOptions {
  /** Step of the window. Default: 1 for convolutions, the size of the window for pooling. */
  readonly strides?: number;
  /**
   * What is added around the map: `valid` adds nothing (the default), `same` as much as makes the
   * output input / strides large, rounded up; a number adds so many rows and columns on every side.
   */
  readonly padding?: "valid" | "same" | number;
}

/** Options of {@link conv2d}. */
export interface ConvolutionOptions extends WindowOptions {
  /** Inputs and outputs are split into so many groups; as many as channels is depthwise. Default: 1. */
  readonly groups?: number;
  /** Whether there is a bias. Default: true. */
  readonly bias?: boolean;
  /** Applied to the result. Default: none. */
  readonly activation?: ActivationKind;
  /** How the kernel starts. Default: `he-normal`. The bias starts at zero. */
  readonly initializer?: Initializer;
}

/**
 * A convolution of maps [batch, channel, height, width] with square windows. `weight` is
 * [filters, channels / groups, kernelSize, kernelSize], `bias` [filters].
 */
export function conv2d(
  filters: number,
  kernelSize: number,
  options: ConvolutionOptions = {},
): SingleLayer {
  requireWhole("conv2d", "filters", filters);
  const { groups = 1, bias = true, initializer = "he-normal", activation } = options;
  const window = windowOf("conv2d", kernelSize, { strides: 1, ...options });
  return {
    kind: "conv2d",
    name: options.name,
    channels: mapsOrTokens,
    write(scope) {
      const attributes = { ...window(scope), group: groups };
      const channels = requireSize(scope, 1);
      requireGroups(scope.path, groups, channels, filters);
      const shape = [filters, channels / groups, kernelSize, kernelSize];
      const parameters = [scope.weight({ role: "weight", shape, initializer })];
      if (bias) {
        parameters.push(scope.weight({ role: "bias", shape: [filters], initializer: "zeros" }));
      }
      const g = scope.builder;
      const sum = g.op("Conv", [scope.input, ...parameters], attributes);
      return activation === undefined ? sum : writeActivation(g, activation, sum, 4);
    },
  };
}

/** The largest value in each window. */
export function maxPool2d(size: number, options: WindowOptions = {}): SingleLayer {
  const window = windowOf("maxPool2d", size, options);
  return {
    kind: "maxPool2d",
    name: options.name,
    channels: mapsOrTokens,
    write: (scope) => scope.builder.op("MaxPool", [scope.input], window(scope)),
  };
}

/** The mean of each window, of what lies inside the map. */
export function averagePool2d(size: number, options: WindowOptions = {}): SingleLayer {
  const window = windowOf("averagePool2d", size, options);
  return {
    kind: "averagePool2d",
    name: options.name,
    channels: mapsOrTokens,
    write: (scope) => scope.builder.op("AveragePool", [scope.input], window(scope)),
  };
}

interface WindowAttributes extends Record<string, readonly number[]> {
  readonly kernel_shape: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
}

/** Checks the settings at once and returns what computes the attributes for a given input. */
function windowOf(
  layer: string,
  size: number,
  { strides = size, padding = "valid" }: WindowOptions,
): (scope: LayerScope) => WindowAttributes {
  requireWhole(layer, "the window size", size);
  requireWhole(layer, "strides", strides);
  if (typeof padding === "number") requireWhole(layer, "padding", padding, 0);
  return (scope) => {
    requireRank(scope, [4], "It works on maps [batch, channel, height, width].");
    const sides = [2, 3].map((axis) => paddingOf(scope, axis, size, strides, padding));
    return {
      kernel_shape: [size, size],
      strides: [strides, strides],
      pads: [...sides.map(([before]) => before), ...sides.map(([, after]) => after)],
    };
  };
}

/** What is added before and after one axis; of an odd number, `same` adds more after. */
function paddingOf(
  scope: LayerScope,
  axis: number,
  size: number,
  strides: number,
  padding: "valid" | "same" | number,
): [before: number, after: number] {
  if (padding === "valid") return [0, 0];
  if (padding !== "same") return [padding, padding];
  // With a step of 1 the sum does not depend on the length of the axis.
  const length = strides === 1 ? 1 : requireSize(scope, axis);
  const sum = Math.max(0, (Math.ceil(length / strides) - 1) * strides + size - length);
  return [Math.floor(sum / 2), Math.ceil(sum / 2)];
}

function requireGroups(path: string, groups: number, channels: number, filters: number): void {
  requireWhole("conv2d", "groups", groups);
  if (channels % groups === 0 && filters % groups === 0) return;
  throw new UsageError(
    `Layer "${path}" has ${channels} input channels, ${filters} filters and ${groups} groups; both must be multiples of the number of groups.`,
  );
}
