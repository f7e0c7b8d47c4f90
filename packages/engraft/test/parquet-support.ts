/** A page of a column, before it is packed. */
export interface PageParts {
  readonly isDictionary?: boolean;
  /** How many values it says that it has. */
  readonly count: number;
  readonly encoding: number;
  readonly body: Uint8Array;
  /** How long it says that it is, unpacked. Default: as it is. */
  readonly claimedLength?: number;
}

/** A column without missing values. */
export interface ColumnParts {
  readonly name: string;
  readonly type: number;
  readonly converted?: number;
  readonly scale?: number;
  readonly length?: number;
  readonly pages: readonly PageParts[];
  /** Packs the pages. Default: they stay as they are. */
  readonly codec?: { readonly number: number; readonly pack: (body: Uint8Array) => Uint8Array };
}

/** Numbers of the format. */
export const PARQUET = {
  int32: 1,
  int64: 2,
  bytes: 6,
  fixed: 7,
  utf8: 0,
  decimal: 5,
  date: 6,
  uint32: 13,
  uint64: 14,
  plain: 0,
  dictionary: 8,
  deltaBytes: 7,
  brotli: 4,
} as const;

/** Writes a Parquet file of one row group. */
export function parquet(rows: number, columns: readonly ColumnParts[]): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from("PAR1")];
  let offset = 4;
  const add = (bytes: Uint8Array): void => {
    parts.push(bytes);
    offset += bytes.length;
  };
  const chunks = columns.map((column) => {
    const start = offset;
    let data = start;
    for (const page of column.pages) {
      const packed = column.codec?.pack(page.body) ?? page.body;
      if (!page.isDictionary && data === start && start !== offset) data = offset;
      add(pageHeader(page, packed.length));
      add(packed);
    }
    return { column, start, data, size: offset - start };
  });
  const root = struct([4, text("schema")], [5, i32(columns.length)]);
  const metadata = struct(
    [1, i32(2)],
    [2, list(12, [root, ...columns.map(schemaElement)])],
    [3, i64(rows)],
    [
      4,
      list(12, [struct([1, list(12, chunks.map(columnChunk))], [2, i64(offset)], [3, i64(rows)])]),
    ],
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(metadata.bytes.length);
  return Buffer.concat([...parts, metadata.bytes, length, Buffer.from("PAR1")]);

  function columnChunk(chunk: (typeof chunks)[number]): Field {
    const { column, start, data, size } = chunk;
    const hasDictionary = data !== start;
    const fields: [number, Field][] = [
      [1, i32(column.type)],
      [2, list(5, [i32(0)])],
      [3, list(8, [text(column.name)])],
      [4, i32(column.codec?.number ?? 0)],
      [5, i64(rows)],
      [6, i64(size)],
      [7, i64(size)],
      [9, i64(data)],
    ];
    if (hasDictionary) fields.push([11, i64(start)]);
    return struct([2, i64(start)], [3, struct(...fields)]);
  }
}

/** Texts or bytes, each with its length before it. */
export function plainBytes(values: readonly (string | Uint8Array)[]): Uint8Array {
  return Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.from(value);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return Buffer.concat([length, bytes]);
    }),
  );
}

function schemaElement({ name, type, converted, scale, length }: ColumnParts): Field {
  const fields: [number, Field][] = [[1, i32(type)]];
  if (length !== undefined) fields.push([2, i32(length)]);
  fields.push([3, i32(0)], [4, text(name)]);
  if (converted !== undefined) fields.push([6, i32(converted)]);
  if (scale !== undefined) fields.push([7, i32(scale)], [8, i32(38)]);
  return struct(...fields);
}

function pageHeader(page: PageParts, packedLength: number): Uint8Array {
  const { count, encoding, body, isDictionary, claimedLength = body.length } = page;
  const sizes: [number, Field][] = [
    [2, i32(claimedLength)],
    [3, i32(packedLength)],
  ];
  const header = isDictionary
    ? struct([1, i32(2)], ...sizes, [7, struct([1, i32(count)], [2, i32(0)])])
    : struct([1, i32(0)], ...sizes, [
        5,
        struct([1, i32(count)], [2, i32(encoding)], [3, i32(3)], [4, i32(3)]),
      ]);
  return header.bytes;
}

/** A value of Thrift's compact protocol, with the number of its type. */
interface Field {
  readonly type: number;
  readonly bytes: Uint8Array;
}

function i32(value: number): Field {
  return { type: 5, bytes: varint(zigzag(BigInt(value))) };
}

function i64(value: number): Field {
  return { type: 6, bytes: varint(zigzag(BigInt(value))) };
}

function text(value: string): Field {
  const bytes = Buffer.from(value);
  return { type: 8, bytes: Buffer.concat([varint(BigInt(bytes.length)), bytes]) };
}

function list(type: number, items: readonly Field[]): Field {
  const head = Uint8Array.of(0xf0 | type, ...varint(BigInt(items.length)));
  return { type: 9, bytes: Buffer.concat([head, ...items.map(({ bytes }) => bytes)]) };
}

function struct(...fields: readonly [id: number, value: Field][]): Field {
  const parts: Uint8Array[] = [];
  let last = 0;
  for (const [id, { type, bytes }] of fields) {
    parts.push(Uint8Array.of(((id - last) << 4) | type), bytes);
    last = id;
  }
  return { type: 12, bytes: Buffer.concat([...parts, Uint8Array.of(0)]) };
}

function zigzag(value: bigint): bigint {
  return value >= 0n ? 2n * value : -2n * value - 1n;
}

/** An unsigned number in groups of seven bits, the lowest first. */
export function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.of(...bytes, Number(rest));
}
