// What does this browser remember of its visitor? A language, light or dark, a key; until the page goes where it keeps nothing.

/** What could not be kept: some browsers block what pages want to store, and throw already when it is read. */
const meanwhile = new Map<string, string>();

/** Give what is remembered under a name; empty where nothing is. */
export function remembered(name: string): string {
  const known = meanwhile.get(name);
  if (known !== undefined) return known;
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

/** Remember a text under a name; an empty one is forgotten. */
export function remember(name: string, text: string): void {
  try {
    if (text) localStorage.setItem(name, text);
    else localStorage.removeItem(name);
    meanwhile.delete(name);
  } catch {
    meanwhile.set(name, text);
  }
}
