/** Says on the console what costs something without stopping the work, where nobody else is told. */
export function warn(message: string): void {
  console.warn(message);
}
