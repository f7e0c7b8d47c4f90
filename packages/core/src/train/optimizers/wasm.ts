/** Instructions, by the numbers of the WebAssembly specification. */
export type Code = readonly number[];

/** What WebAssembly has in Node and in browsers; its types are part of the DOM's, which core does without. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (size: { initial: number }) => WasmMemory;
};

/** Memory that functions of WebAssembly read and write. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

const PAGE = 2 ** 16;

/** Memory of at least so many bytes, all zero. */
export function createMemory(bytes: number): WasmMemory {
  return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
}

/** Reads a parameter or variable. */
export function get(local: number): Code {
  return [0x20, local];
}

/** Writes a variable. */
export function set(local: number, value: Code): Code {
  return [...value, 0x21, local];
}

const simd = (opcode: number): Code => [0xfd, ...leb(opcode)];
const unary =
  (opcode: number) =>
  (a: Code): Code => [...a, ...simd(opcode)];
const binary =
  (opcode: number) =>
  (a: Code, b: Code): Code => [...a, ...b, ...simd(opcode)];
const address = (base: number, offset: number): Code => [...get(base), ...get(offset), 0x6a];

/** Instructions for two numbers at once, in double precision; in memory they are in single precision. */
interface PairInstructions {
  /** The same number twice. */
  readonly splat: (local: number) => Code;
  readonly add: (a: Code, b: Code) => Code;
  readonly subtract: (a: Code, b: Code) => Code;
  readonly multiply: (a: Code, b: Code) => Code;
  /** The first (0) or second (1) pair at an address. */
  readonly load: (base: number, offset: number, half: Half) => Code;
  /** The first or second pair of a quad. */
  readonly of: (quad: number, half: Half) => Code;
}

/** Instructions for four numbers at once, in single precision. */
interface QuadInstructions {
  /** The same number four times. */
  readonly splat: (local: number) => Code;
  readonly sqrt: (a: Code) => Code;
  readonly add: (a: Code, b: Code) => Code;
  readonly multiply: (a: Code, b: Code) => Code;
  readonly divide: (a: Code, b: Code) => Code;
  readonly store: (base: number, offset: number, value: Code) => Code;
  /** Two pairs, rounded to single precision. */
  readonly of: (first: Code, second: Code) => Code;
}

export type Half = 0 | 1;

/** Picks 16 of the 32 bytes of two operands. */
const shuffle = (bytes: readonly number[]): Code => [...simd(0x0d), ...bytes];
const eight = (from: number): number[] => Array.from({ length: 8 }, (_, i) => from + i);
const promote = simd(0x5f);
const demote = simd(0x5e);

export const pairs: PairInstructions = {
  splat: (local) => [...get(local), ...simd(0x14)],
  add: binary(0xf0),
  subtract: binary(0xf1),
  multiply: binary(0xf2),
  load: (base, offset, half) => [
    ...[...address(base, offset), ...simd(0x5d), 2, 8 * half],
    ...promote,
  ],
  of: (quad, half) => [
    ...(half === 0
      ? get(quad)
      : [...get(quad), ...get(quad), ...shuffle([...eight(8), ...eight(8)])]),
    ...promote,
  ],
};

export const quads: QuadInstructions = {
  splat: (local) => [...get(local), 0xb6, ...simd(0x13)],
  sqrt: unary(0xe3),
  add: binary(0xe4),
  multiply: binary(0xe6),
  divide: binary(0xe7),
  store: (base, offset, value) => [...address(base, offset), ...value, ...simd(0x0b), 2, 0],
  of: (first, second) => [
    ...[...first, ...demote, ...second, ...demote],
    ...shuffle([...eight(0), ...eight(16)]),
  ],
};

/** A function that goes through memory in steps of 16 bytes: four numbers in single precision. */
interface Loop {
  /** Parameters: integers, of which the first is the number of bytes, then numbers. */
  readonly integers: number;
  readonly numbers: number;
  /** Variables for pairs and quads, after the parameters. */
  readonly vectors: number;
  /** What is done before the first step. */
  readonly before: Code;
  /** What is done in each step. The first parameter is its position, from the last one down to 0. */
  readonly loop: Code;
}

/** Compiles a function over a memory. */
export function compile(memory: object, loop: Loop): (...parameters: number[]) => void {
  const module = new WebAssembly.Module(Uint8Array.from(moduleCode(loop)));
  const instance = new WebAssembly.Instance(module, { m: { m: memory } });
  return (instance.exports as { f: (...parameters: number[]) => void }).f;
}

const [I32, F64, V128] = [0x7f, 0x7c, 0x7b];
const [VOID, END] = [0x40, 0x0b];

function moduleCode({ integers, numbers, vectors, before, loop }: Loop): Code {
  const all = (count: number, type: number): number[] => new Array<number>(count).fill(type);
  const parameters = [...all(integers, I32), ...all(numbers, F64)];
  const body = [
    ...[1, vectors, V128],
    ...before,
    ...set(0, [...get(0), 0x41, 15, 0x6a, 0x41, 0x70, 0x71]), // round up to steps: (position + 15) & -16
    ...[0x02, VOID, 0x03, VOID, ...get(0), 0x45, 0x0d, 1], // leave at position 0
    ...set(0, [...get(0), 0x41, 16, 0x6b]),
    ...loop,
    ...[0x0c, 0, END, END, END],
  ];
  return [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, parameters.length, ...parameters, 0]),
    ...section(2, [1, 1, 0x6d, 1, 0x6d, 2, 0, 1]), // the memory, imported as "m" of "m"
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]), // the function, exported as "f"
    ...section(10, [1, ...leb(body.length), ...body]),
  ];
}

function section(id: number, content: Code): Code {
  return [id, ...leb(content.length), ...content];
}

/** An unsigned number in groups of seven bits. */
function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}
