import { expect, test } from "vitest";

import { formatsFor } from "../messages/formats.ts";
import { en } from "../messages/en/index.ts";
import { groupHits } from "./groups.ts";
import { hit } from "./hits.testing.ts";
import { kinship } from "./kinship.ts";
import { headline } from "./status.ts";

const all = { least: 0, most: 100, sort: "best" } as const;
const alone = { byWords: false, isNarrowed: false, given: 9 };
const say = (hits: Parameters<typeof groupHits>[0], asked = alone, view: Parameters<typeof groupHits>[1] = all) =>
  headline(groupHits(hits, view), asked, en.search);

const same = hit("a", { tier: "identical", confidence: 1 });
const edited = hit("b", { tier: "edited", confidence: 0.97 });
const alike = hit("c", { confidence: 0.7 });
const part = hit("d", { confidence: 0.3, relation: "shares_region" });
const far = hit("e", { confidence: 0.2 });

test("the best there is gives the headline", () => {
  expect(say([same, edited, alike])).toBe("Here it is");
  expect(say([same, { ...same, id: "x" }])).toBe("Here it is, 2 times");
  expect(say([edited, alike])).toBe("Here it is, edited");
  expect(say([alike, part])).toBe("These look alike");
  expect(say([part, far])).toBe("A part of it is here");
});

test("what merely comes nearest is no answer", () => {
  expect(say([far])).toBe("Nothing like it here");
  expect(say([far], { ...alone, byWords: true })).toBe("Nothing here fits well");
});

test("why there is nothing is said: a filter, or the slider", () => {
  expect(say([], { byWords: false, isNarrowed: true, given: 0 })).toBe("No picture passes this filter");
  expect(say([far], alone, { ...all, least: 90 })).toBe("Nothing is that similar");
});

test("confidence is told in words and as a number", () => {
  const tell = (one: typeof same, byWords = false) => kinship(one, byWords, en.search, formatsFor("en"));
  expect([same, edited, alike, part, far].map((one) => tell(one))).toEqual([
    "the very same picture",
    "the same, edited · 97%",
    "looks alike · 70%",
    "a part is the same",
    "a faint likeness · 20%",
  ]);
  expect(tell(alike, true)).toBe("fits · 70%");
  expect(tell(hit("w", { confidence: 0.95, words: ["dog", "snow"] }), true)).toBe("says dog, snow\u200e · 95%");
  expect(tell(hit("r", { confidence: 0.95, words: ["الشاطئ"] }), true)).toBe("says الشاطئ\u200e · 95%"); // else the number would stand among them
  expect(tell(hit("n", { confidence: 0.01 }))).toBe("hardly alike · 1%");
});
