/** The settings of a configuration as names and values: `adapter.rank`, `8`. */
export function settingsOf(config: object): (readonly [name: string, value: string])[] {
  return Object.entries(config).flatMap(([name, value]: [string, unknown]) => {
    if (value === undefined) return [];
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return [[name, typeof value === "string" ? value : JSON.stringify(value)] as const];
    }
    return settingsOf(value).map(([inner, text]) => [`${name}.${inner}`, text] as const);
  });
}
