import type { Dataset } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";

/**
 * @param subject - What reads the data, for the message: `Task mails.engraft`.
 * @param advice - What to do instead, as a sentence.
 * @throws UsageError when it reads texts and the data is images, or the other way round.
 */
export function requireModality(
  subject: string,
  modality: Dataset["modality"],
  dataset: Dataset,
  advice?: string,
): void {
  if (modality === dataset.modality) return;
  const names = { text: "texts", image: "images" };
  const what = `${subject} reads ${names[modality]}, and the data is ${names[dataset.modality]}.`;
  throw new UsageError(advice === undefined ? what : `${what} ${advice}`);
}
