// How is what the service says told in another language? By its code, with what stands in its gaps.

import type { Schemas } from "../api/client.ts";

export type Wording = Schemas["Wording"];

/** What a language has for the service’s sentences. English has none: the service speaks it. */
export interface Wordings {
  readonly language: string;
  readonly sentences: Readonly<Record<Exclude<Wording["code"], "other">, string>>;
  /** What may stand in a gap, and is a word of the service’s own. */
  readonly terms: Readonly<Record<string, string>>;
}

/** As the service writes numbers that are large or broken; years, ports and ids are neither. */
const NUMBER = /^(\d{1,3}(,\d{3})+(\.\d+)?|\d+\.\d+)$/;

/** Say it; empty where the language has nothing for it. */
export function say(wording: Wording | null | undefined, wordings: Wordings | null): string {
  if (!wording || !wordings || wording.code === "other" || !Object.hasOwn(wordings.sentences, wording.code)) return "";
  const { language, sentences, terms } = wordings;
  const filled = (value: string) => {
    if (NUMBER.test(value)) return new Intl.NumberFormat(language).format(Number(value.replaceAll(",", "")));
    return Object.hasOwn(terms, value) ? (terms[value] ?? value) : value;
  };
  return sentences[wording.code].replace(/\{(\w+)\}/g, (gap, name: string) => filled(wording.parameters[name] ?? gap));
}
