// Which languages does the app speak, and what must each of them say? English is the model; the compiler compares.

import type { en } from "./en/index.ts";

type Same<T> = T extends (...given: infer Given) => string
  ? (...given: Given) => string
  : T extends string
    ? string
    : { readonly [Key in keyof T]: Same<T[Key]> };

/** Everything that the app says: texts, and functions where a number or a name stands in a text. */
export type Messages = Same<typeof en>;

export const LANGUAGES = { en: "English", de: "Deutsch", fr: "Français" } as const;
export type Language = keyof typeof LANGUAGES;

export const isLanguage = (name: string): name is Language => Object.hasOwn(LANGUAGES, name);

/** Give the first language that is spoken here, of those somebody prefers. */
export function languageFor(preferred: readonly string[]): Language {
  const names = preferred.map((one) => one.slice(0, 2).toLowerCase());
  return names.find(isLanguage) ?? "en";
}

/** Give the visitor’s own kind of a language, such as en-GB, by which numbers and dates are written. */
export const regionOf = (language: Language, preferred: readonly string[]): string =>
  preferred.find((one) => one.slice(0, 2).toLowerCase() === language) ?? language;

/** Load a language; English is always there. */
export const CATALOGUES: Record<Exclude<Language, "en">, () => Promise<Messages>> = {
  de: async () => (await import("./de/index.ts")).de,
  fr: async () => (await import("./fr/index.ts")).fr,
};
