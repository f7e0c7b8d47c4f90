/** Whether a place is a name that something is kept under in this browser; else it is an address. */
export function isName(place: string): boolean {
  return !/[/:]/.test(place);
}
