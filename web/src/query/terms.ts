// Which words is searched with, how much does each count, and which are left out? As chips, and as text again.

import type { Schemas } from "../api/client.ts";

export interface Term {
  readonly text: string;
  readonly isPhrase: boolean;
  readonly isExcluded: boolean;
  readonly weight: number;
}

/** What a word may count, in steps that can be told apart in the answers. */
export const WEIGHTS = [0.5, 1, 2, 3, 5] as const;

/** Take apart what the service understood. */
export function termsOf({ words, phrases, excluded, weights }: Schemas["Understood"]): Term[] {
  const term = (text: string, isPhrase: boolean, isExcluded: boolean): Term => ({
    text,
    isPhrase,
    isExcluded,
    weight: weights[text] ?? 1,
  });
  return [
    ...words.map((word) => term(word, false, false)),
    ...phrases.map((phrase) => term(phrase, true, false)),
    ...excluded.map((part) => term(part, /\s/.test(part), true)),
  ];
}

/** Write terms, and the filter among them, so that the service reads the same again. */
export function writeTerms(terms: readonly Term[], filter: string): string {
  const written = terms.map(({ text, isPhrase, isExcluded, weight }) => {
    const word = isPhrase ? `"${text}"` : text;
    return (isExcluded ? "-" : "") + word + (weight === 1 ? "" : `:${weight}`);
  });
  return [...written, filter].filter(Boolean).join(" ");
}

/** Tell whether words leave pictures out: by a filter among them, or by what no answer may hold. */
export const leavesOut = ({ filter, excluded }: Schemas["Understood"]): boolean => filter !== "" || excluded.length > 0;

/** Write what is looked for, without all that leaves pictures out. */
export const writeWanted = (understood: Schemas["Understood"]): string => writeTerms(termsOf(understood).filter((term) => !term.isExcluded), "");

/** Let a term count one step more or less; it stays at the ends. */
export function weighed(term: Term, by: 1 | -1): Term {
  const next = by === 1 ? WEIGHTS.find((one) => one > term.weight) : WEIGHTS.findLast((one) => one < term.weight);
  return { ...term, weight: next ?? term.weight };
}

export const replaceTerm = (terms: readonly Term[], old: Term, changed: Term | null): Term[] =>
  terms.flatMap((one) => (one === old ? (changed ? [changed] : []) : [one]));
