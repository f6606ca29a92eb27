// How is a filter of the service put together from chips? It is a text; its outermost terms are what chips stand for.

/** Split a filter into the terms that must all hold. One that offers a choice (`OR`) is a single term, in parentheses. */
export function splitTerms(where: string): string[] {
  const terms: string[] = [];
  let term = "";
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < where.length; at += 1) {
    const sign = where.charAt(at);
    if (sign === "\\") {
      term += where.slice(at, at + 2);
      at += 1;
      continue;
    }
    if (sign === '"') quoted = !quoted;
    if (!quoted && sign === "(") depth += 1;
    if (!quoted && sign === ")") depth -= 1;
    if (!quoted && depth <= 0 && /\s/.test(sign)) {
      if (term) terms.push(term);
      term = "";
    } else {
      term += sign;
    }
  }
  if (term) terms.push(term);
  if (terms.includes("OR")) return [`(${where.trim()})`];
  return joined(terms);
}

/** Put a negation that stands apart to what it negates. */
const joined = (terms: readonly string[]): string[] =>
  terms.flatMap((term, n) => (term === "NOT" ? [] : [terms[n - 1] === "NOT" ? `-${term}` : term]));

export const joinTerms = (terms: readonly string[]): string => terms.join(" ");

const PLAIN = /^[^\s()",\\*?]+$/;

/** Write a value so that it is read as it is. */
export function quoted(value: string): string {
  if (PLAIN.test(value)) return value;
  return `"${value.replace(/[\\"*?]/g, "\\$&")}"`;
}

const prefixOf = (field: string): string => `${field}:`;

/** Split what stands behind `field:` into its values, as they are written. */
function splitValues(text: string): string[] {
  return [...text.matchAll(/(?:\\.|"(?:\\.|[^"\\])*"|[^,"\\])+/g)].map(([value]) => value);
}

/** Give the values, as they are written, of which a filter asks for one of a field. */
export function valuesOf(where: string, field: string): string[] {
  const term = splitTerms(where).find((one) => one.startsWith(prefixOf(field)));
  return term ? splitValues(term.slice(prefixOf(field).length)) : [];
}

/** Ask for these values of a field, as they are written, and for none where there are none. */
export function withValues(where: string, field: string, values: readonly string[]): string {
  const terms = splitTerms(where);
  const at = terms.findIndex((one) => one.startsWith(prefixOf(field)));
  const term = values.length ? [prefixOf(field) + values.join(",")] : [];
  if (at === -1) return joinTerms([...terms, ...term]);
  return joinTerms([...terms.slice(0, at), ...term, ...terms.slice(at + 1)]);
}

/** Ask for one value more, or no longer for it. */
export function toggled(where: string, field: string, value: string): string {
  const now = valuesOf(where, field);
  return withValues(where, field, now.includes(value) ? now.filter((one) => one !== value) : [...now, value]);
}

export const without = (where: string, term: string): string =>
  joinTerms(splitTerms(where).filter((one) => one !== term));

/** Put a term in the place of all that begin with one of some prefixes. */
export function replaced(where: string, prefixes: readonly string[], term: string): string {
  const others = splitTerms(where).filter((one) => !prefixes.some((prefix) => one.startsWith(prefix)));
  return joinTerms(term ? [...others, term] : others);
}

/** Give a value, as it is written, as people read it; of a folder its name. */
export const asRead = (written: string): string => written.replace(/^"(.*)"$/s, "$1").replace(/\/\*$/, "").replace(/\\(.)/gs, "$1");

/** Write the value that finds everything in a folder, however deep. */
export const inFolder = (folder: string): string => `"${folder.replace(/[\\"*?]/g, "\\$&").replace(/\/$/, "")}/*"`;
