/** Whether something works; a warning is something that works, and could be better. */
export type CheckStatus = "ok" | "warning" | "error";

/** What a check of the installation found. */
export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  /** What there is, in one line. */
  readonly found: string;
  /** How to mend or better it. */
  readonly fix?: string | undefined;
  /** The same as data. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Makes a check of something that may throw: what it throws is what is wrong. */
export async function checked(
  name: string,
  fix: string,
  look: () => Promise<Omit<Check, "name">>,
): Promise<Check> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [found = ""] = message.split("\n");
    return { name, status: "error", found, fix, details: { error: message } };
  }
}
