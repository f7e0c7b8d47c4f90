import { OutputError } from "@engraft/tasks/predict";

/** What the codes of the operating system mean for somebody who wants a file written. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ["EACCES", "there is no permission to write there (EACCES)"],
  ["EPERM", "the system does not allow it (EPERM)"],
  ["EROFS", "the disk can only be read (EROFS)"],
  ["ENOSPC", "the disk is full (ENOSPC)"],
  ["EDQUOT", "the quota of the disk is used up (EDQUOT)"],
  ["ENOTDIR", "a part of the path is a file and not a folder (ENOTDIR)"],
  ["ENOENT", "a folder of the path cannot be made (ENOENT)"],
  ["EISDIR", "a folder is in its place (EISDIR)"],
  ["ENAMETOOLONG", "the name is too long (ENAMETOOLONG)"],
  ["EIO", "the disk reports an error (EIO)"],
  ["EMFILE", "too many files are open (EMFILE)"],
]);

/** An error of the operating system while `path` was written, in words; others as they are. */
export function explained(error: unknown, path: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  const message = REASONS.get(code) ?? `the system refuses it (${code})`;
  return new OutputError(path, message, code, error);
}
