/** The formats of images that are decoded. Everything else is kept from the decoders. */
export type ImageFormat = "JPEG" | "PNG" | "GIF" | "WebP" | "AVIF" | "TIFF" | "BMP";

/** What stands where in a file of each format. */
const SIGNATURES: readonly (readonly [format: ImageFormat, offset: number, bytes: string])[] = [
  ["JPEG", 0, "\xff\xd8\xff"],
  ["PNG", 0, "\x89PNG\r\n\x1a\n"],
  ["GIF", 0, "GIF8"],
  ["WebP", 8, "WEBP"],
  ["TIFF", 0, "II*\0"],
  ["TIFF", 0, "MM\0*"],
  // BigTIFF
  ["TIFF", 0, "II+\0"],
  ["TIFF", 0, "MM\0+"],
  ["BMP", 0, "BM"],
];

const JPEG_XL = "a JPEG XL image; convert it to JPEG or PNG";
const JPEG_2000 = "a JPEG 2000 image; convert it to JPEG or PNG";

/** Formats that people take for images and that are not decoded, and what to do. */
const REFUSED: readonly (readonly [start: string, what: string])[] = [
  ["%PDF", "a PDF document; export its pages as PNG"],
  ["\xff\x0a", JPEG_XL],
  ["\0\0\0\x0cJXL ", JPEG_XL],
  ["\0\0\0\x0cjP  ", JPEG_2000],
  ["\xff\x4f\xff\x51", JPEG_2000],
  ["8BPS", "a Photoshop document; export it as PNG"],
  ["\0\0\x01\0", "an icon file; convert it to PNG"],
];

/** Text that libvips or a browser would render. */
const SVG = /^(<\?xml[^>]*>)?\s*(<!--.*?-->\s*)*(<!DOCTYPE svg|<svg\b)/is;
const MARKUP = /^<(\?xml|!DOCTYPE|html|head|body)\b/i;

const HEIC =
  "a HEIC image, whose compression (HEVC) cannot be decoded here; convert it to JPEG, for example " +
  "with: heif-convert in.heic out.jpg, on macOS: sips -s format jpeg in.heic --out out.jpg";

const AVIF_BRANDS: ReadonlySet<string> = new Set(["avif", "avis"]);
const HEIF_BRANDS: ReadonlySet<string> = new Set([
  "heic",
  "heix",
  "heim",
  "heis",
  "hevc",
  "hevx",
  "hevm",
  "hevs",
  "mif1",
  "msf1",
]);

/** How many bytes at the beginning of a file are looked at. */
export const SIGNATURE_BYTES = 512;

/** The format of an image, or what is wrong with it, to follow its name. */
export type Recognized = { readonly format: ImageFormat } | { readonly problem: string };

/**
 * Tells the format of an image by its content; names do not matter.
 *
 * @param file - The file or its first {@link SIGNATURE_BYTES} bytes.
 */
export function recognizeImage(file: Uint8Array): Recognized {
  const start = latin1(file);
  const found = SIGNATURES.find(([, offset, bytes]) => start.startsWith(bytes, offset));
  if (found !== undefined) return { format: found[0] };
  const brands = brandsOf(start);
  if (brands.some((brand) => AVIF_BRANDS.has(brand))) return { format: "AVIF" };
  const refused = refusedKind(start);
  if (refused !== undefined) return { problem: `is ${refused}` };
  const formats = new Set(SIGNATURES.map(([format]) => format)).add("AVIF");
  return {
    problem: `is not an image of a known format; expected ${[...formats].join(", ")}`,
  };
}

/** Whether a file is of a format that is known and refused, as SVG and HEIC. */
export function isRefusedFormat(file: Uint8Array): boolean {
  return refusedKind(latin1(file)) !== undefined;
}

/** The first bytes, each as the character of its number. */
function latin1(file: Uint8Array): string {
  return String.fromCharCode(...file.subarray(0, SIGNATURE_BYTES));
}

/** What a file is that is not decoded. */
function refusedKind(start: string): string | undefined {
  if (brandsOf(start).some((brand) => HEIF_BRANDS.has(brand))) return HEIC;
  const text = start.replace(/^\xef\xbb\xbf/, "").trimStart();
  if (SVG.test(text)) return "an SVG drawing, which is not rendered; export it as PNG";
  if (MARKUP.test(text)) return "a web page or XML, not an image";
  return REFUSED.find(([signature]) => start.startsWith(signature))?.[1];
}

/** The brands of an ISO base media file: `size(4) "ftyp" major(4) minor(4) compatible(4 each)`. */
function brandsOf(start: string): string[] {
  if (!start.startsWith("ftyp", 4)) return [];
  const [a, b, c, d] = Array.from(start.slice(0, 4), (character) => character.charCodeAt(0));
  const end = a! * 2 ** 24 + b! * 2 ** 16 + c! * 2 ** 8 + d!;
  const box = start.slice(8, end);
  const brands = box.match(/.{4}/gs) ?? [];
  return brands.filter((_, i) => i !== 1);
}
