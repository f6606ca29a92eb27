import { expect, test } from "vitest";

import { LANGUAGES, languageFor, regionOf, type Messages } from "./catalogue.ts";
import { de } from "./de/index.ts";
import { en } from "./en/index.ts";
import { fr } from "./fr/index.ts";

/** Give every text with its place, but for the service’s sentences, which English has none of; functions are called with 3, which all of them can make a text of. */
function texts(part: object, place = ""): Map<string, string> {
  return new Map(
    Object.entries(part).flatMap(([key, one]): [string, string][] => {
      const here = `${place}/${key}`;
      if (typeof one === "string") return [[here, one]];
      if (typeof one === "function") return [[here, String((one as (...given: unknown[]) => string)(3, 3, 3))]];
      return here === "/wordings" ? [] : [...texts(one as object, here)];
    }),
  );
}

test("every language says something for everything", () => {
  for (const catalogue of [en, de, fr]) {
    for (const [place, text] of texts(catalogue)) expect(text.trim(), place).not.toBe("");
  }
  expect([...texts(de).keys()].sort()).toEqual([...texts(en).keys()].sort());
  expect([...texts(fr).keys()].sort()).toEqual([...texts(en).keys()].sort());
});

test("a translation that was forgotten is noticed: long texts differ from the English ones", () => {
  const english = texts(en);
  for (const catalogue of [de, fr]) {
    const same = [...texts(catalogue)].filter(([place, text]) => text.length > 24 && english.get(place) === text);
    expect(same).toEqual([]);
  }
});

test("no line begins with a sign that belongs to the word before it", () => {
  const said = ({ wordings, ...others }: Messages) => [...texts(others).values(), ...Object.values(wordings?.sentences ?? {})];
  for (const text of said(fr)) expect(text).not.toMatch(/ [:;!?»](?!\/)|« /);
  for (const text of said(de)) expect(text).not.toMatch(/\p{L} ?…$/u);
  for (const text of [...said(de), ...said(fr)]) expect(text).not.toMatch(/[\d}] (MB|Mo|ms|px|s|%)( |[.,;]|$)/);
});

test("the visitor's first language that is spoken here is taken, else English", () => {
  expect(languageFor(["cs-CZ", "fr-CA", "de"])).toBe("fr");
  expect(languageFor(["cs"])).toBe("en");
  expect(languageFor([])).toBe("en");
  expect([regionOf("en", ["de-AT", "en-GB", "en-US"]), regionOf("fr", ["en-GB"])]).toEqual(["en-GB", "fr"]);
  expect(Object.keys(LANGUAGES)).toEqual(["en", "de", "fr"]);
});
