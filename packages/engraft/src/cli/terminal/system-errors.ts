/** What a refusal of the operating system means: what is so, and what helps. */
const MEANINGS: ReadonlyMap<string, readonly [what: string, remedy: string]> = new Map([
  ["ENOENT", ["does not exist", "Check the path."]],
  ["EACCES", ["may not be used: permission denied", "Check who owns it, or name another place."]],
  ["EPERM", ["may not be changed: permission denied", "Check who owns it, or name another place."]],
  ["EROFS", ["cannot be written: the disk is read-only", "Name another place."]],
  ["ENOSPC", ["cannot be written: the disk is full", "Free some space, or name another place."]],
  [
    "EDQUOT",
    ["cannot be written: the quota is used up", "Free some space, or name another place."],
  ],
  ["EFBIG", ["is larger than the disk or a limit (ulimit -f) allows", "Name another place."]],
  ["EISDIR", ["is a folder where a file was expected", "Name a file."]],
  ["ENOTDIR", ["has a file in its path where a folder was expected", "Check the path."]],
  ["EEXIST", ["is there already", "Move it away, or name another place."]],
  ["ENOTEMPTY", ["is a folder that is not empty", "Move it away, or name another place."]],
  ["ELOOP", ["cannot be reached: its symbolic links form a loop", "Mend the links."]],
  ["ENAMETOOLONG", ["has a name that is too long for the disk", "Choose a shorter name."]],
  ["EMFILE", ["cannot be opened: too many files are open", "Raise the limit: ulimit -n 4096."]],
  [
    "ENFILE",
    ["cannot be opened: too many files are open", "End other programs, or raise the limit."],
  ],
  ["ENOMEM", ["needs more memory than there is", "End other programs, or use less data."]],
  ["EBUSY", ["is in use by another program", "End that program, and try again."]],
  ["ETXTBSY", ["is in use by another program", "End that program, and try again."]],
  ["EIO", ["cannot be read or written: the disk reports a fault", "Check the disk."]],
  ["ENXIO", ["cannot be opened: there is no such device", "Check the path."]],
  ["ESTALE", ["was lost by a network disk", "Try again."]],
  ["ETIMEDOUT", ["did not answer in time", "Check the network, and try again."]],
  ["EADDRINUSE", ["is in use by another program", "Name another port with --port."]],
  ["EADDRNOTAVAIL", ["is not an address of this machine", "Name another one with --host."]],
  ["ENOTFOUND", ["is not a name of a machine", "Name another one with --host."]],
]);

/** Said by V8 and Node where they cannot get memory. */
const OUT_OF_MEMORY =
  /^(?:Array buffer allocation failed|Cannot create a Buffer larger|.*\bout of memory\b)/i;

/**
 * A refusal of the operating system in words, with what helps: no such file, no permission, disk full, no
 * memory. Undefined for every other error.
 */
export function describeSystemError(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error ? String(error.code) : "";
  if (code === "ERR_FS_FILE_TOO_LARGE") {
    return "A file is larger than 2 GiB, and cannot be read in one piece. Use a smaller one.";
  }
  if (code === "ERR_WORKER_OUT_OF_MEMORY" || OUT_OF_MEMORY.test(error.message)) {
    return "There is not enough memory. End other programs, or use less data or a smaller model.";
  }
  if (!("syscall" in error)) return undefined;
  const subject = subjectOf(error);
  if (code === "ENOENT" && error.syscall === "mkdir") {
    return `${subject} cannot be made: the place does not exist, or is read-only. Name another place.`;
  }
  const [what, remedy] = MEANINGS.get(code) ?? [];
  return what === undefined ? error.message : `${subject} ${what}. ${remedy}`;
}

/** What was refused: a file, or an address to listen on. */
function subjectOf(error: object): string {
  const { path, address, port, hostname } = error as {
    path?: unknown;
    address?: unknown;
    port?: unknown;
    hostname?: unknown;
  };
  if (typeof path === "string") return path;
  if (typeof address === "string") {
    return typeof port === "number" ? `${address}:${port}` : address;
  }
  return typeof hostname === "string" ? hostname : "A file";
}
