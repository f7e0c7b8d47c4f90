/** What an element is made with: attributes by name. `true` stands for an empty one, `undefined` for none. */
type Attributes = Readonly<Record<string, string | boolean | undefined>>;

/**
 * Makes an element. Strings among the children become text and are never read as markup, whatever a
 * label or a name holds.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string | undefined)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** `94 %`; below 1 % and above 99 % what is still true. */
export function percent(share: number): string {
  if (share > 0 && share < 0.005) return "< 1 %";
  if (share < 1 && share > 0.995) return "> 99 %";
  return `${Math.round(100 * share)} %`;
}
