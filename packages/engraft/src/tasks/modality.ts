import type { Dataset } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";

/**
 * @param subject - What reads the data, for the message: `Task mails.engraft`.
 * @throws UsageError when it reads texts and the data is pictures, or the other way round.
 */
export function requireModality(
  subject: string,
  modality: Dataset["modality"],
  dataset: Dataset,
): void {
  if (modality === dataset.modality) return;
  const names = { text: "texts", image: "pictures" };
  throw new UsageError(
    `${subject} reads ${names[modality]}, and the data is ${names[dataset.modality]}.`,
  );
}
