import { DataError } from "@engraft/core/errors";

/**
 * The pixels of a transparent image with their colours as they are stored. A 2D canvas would multiply
 * them with their opacity; a texture does not.
 *
 * @throws DataError where the browser has no WebGL, or the image is larger than its textures.
 */
export function readTransparent(bitmap: ImageBitmap): Uint8Array {
  const { width, height } = bitmap;
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (gl === null) throw unreadable("this browser has no WebGL");
  try {
    if (Math.max(width, height) > gl.getParameter(gl.MAX_TEXTURE_SIZE)) {
      throw unreadable(`it has ${width} x ${height} pixels, more than a texture here can have`);
    }
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
    gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
    const { FRAMEBUFFER, COLOR_ATTACHMENT0, TEXTURE_2D } = gl;
    const texture: WebGLTexture | null = gl.getParameter(gl.TEXTURE_BINDING_2D);
    gl.framebufferTexture2D(FRAMEBUFFER, COLOR_ATTACHMENT0, TEXTURE_2D, texture, 0);
    const pixels = new Uint8Array(4 * width * height);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    if (gl.getError() !== gl.NO_ERROR) throw unreadable("WebGL failed");
    return pixels;
  } finally {
    gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

function unreadable(why: string): DataError {
  return new DataError(
    "data/unreadable",
    `the image is transparent, and its colours cannot be read as they are stored: ${why}; save it ` +
      "without transparency",
  );
}
