// Changes of bytes, drawn from a seed.

const INTERESTING = [0, 1, 2, 16, 32, 64, 100, 127, 128, 129, 200, 254, 255];
const LARGEST = 1 << 20;

/** Draws numbers from a seed (mulberry32). */
export function createDraw(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  return { below: (n) => next() % n, pick: (list) => list[next() % list.length] };
}

const CHANGES = [flipBit, setByte, addToByte, setWord, remove, repeat, insert, splice, swap];

/** One to eight changes of an input; parts may come from another one. */
export function mutate(input, other, draw) {
  let bytes = Uint8Array.from(input);
  const changes = 1 << draw.below(4);
  for (let n = 0; n < changes; n++) {
    if (bytes.length === 0) bytes = Uint8Array.of(draw.below(256));
    bytes = draw.pick(CHANGES)(bytes, draw, other);
  }
  return bytes.subarray(0, LARGEST);
}

function flipBit(bytes, draw) {
  bytes[draw.below(bytes.length)] ^= 1 << draw.below(8);
  return bytes;
}

function setByte(bytes, draw) {
  bytes[draw.below(bytes.length)] = draw.below(2) ? draw.pick(INTERESTING) : draw.below(256);
  return bytes;
}

function addToByte(bytes, draw) {
  bytes[draw.below(bytes.length)] += draw.below(33) - 16;
  return bytes;
}

/** A large or negative number of two to eight bytes, or as a varint. */
function setWord(bytes, draw) {
  const at = draw.below(bytes.length);
  const size = draw.pick([2, 4, 5, 8, 10]);
  const fill = draw.pick([0x00, 0x7f, 0x80, 0xff]);
  bytes.fill(fill, at, at + size);
  if (draw.below(2) && at + size <= bytes.length)
    bytes[at + size - 1] = draw.pick([0x00, 0x01, 0x7f]);
  return bytes;
}

function remove(bytes, draw) {
  const [from, to] = range(bytes, draw);
  return join(bytes.subarray(0, from), bytes.subarray(to));
}

function repeat(bytes, draw) {
  const [from, to] = range(bytes, draw);
  const part = bytes.subarray(from, to);
  const times = Math.min(1 << draw.below(6), Math.ceil(4096 / (part.length + 1)));
  return join(bytes.subarray(0, to), ...Array(times).fill(part), bytes.subarray(to));
}

function insert(bytes, draw) {
  const at = draw.below(bytes.length + 1);
  const added = Uint8Array.from({ length: 1 + draw.below(16) }, () => draw.below(256));
  return join(bytes.subarray(0, at), added, bytes.subarray(at));
}

/** Puts a part of another input into this one, in place or between. */
function splice(bytes, draw, other) {
  if (other.length === 0) return bytes;
  const [from, to] = range(other, draw);
  const at = draw.below(bytes.length + 1);
  const end = draw.below(2) ? at : Math.min(bytes.length, at + (to - from));
  return join(bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(end));
}

function swap(bytes, draw) {
  const [one, other] = [range(bytes, draw), range(bytes, draw)].sort(([a], [b]) => a - b);
  if (one[1] > other[0]) return bytes;
  const between = bytes.subarray(one[1], other[0]);
  return join(
    bytes.subarray(0, one[0]),
    bytes.subarray(...other),
    between,
    bytes.subarray(...one),
    bytes.subarray(other[1]),
  );
}

function range(bytes, draw) {
  const from = draw.below(bytes.length);
  const longest = Math.min(bytes.length - from, 1 << draw.below(10));
  return [from, from + 1 + draw.below(longest)];
}

function join(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
