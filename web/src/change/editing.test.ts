import { expect, test } from "vitest";

import type { Image } from "../api/client.ts";
import { UNTOUCHED, patchOf, withErased, withField, withTags, withoutTag, wordsOf } from "./editing.ts";

const image = (words: Partial<Image>) => ({ title: "", caption: "", label: "", owner: "", tags: [], ...words }) as Image;
const two = [image({ label: "cat", owner: "ann", tags: ["Sofa", "home"] }), image({ label: "dog", owner: "ann", tags: ["sofa"] })];

test("what differs between pictures is not shown as if all had it", () => {
  const words = wordsOf(two);
  expect(words.fields).toEqual({ title: "", caption: "", label: null, owner: "ann" });
  expect([...words.tags]).toEqual([["Sofa", 2], ["home", 1]]);
});

test("only what was changed is sent", () => {
  const words = wordsOf(two);
  expect(patchOf(words, UNTOUCHED)).toBeNull();
  expect(patchOf(words, { ...UNTOUCHED, fields: { owner: "ann ", caption: "" } })).toBeNull();
  expect(patchOf(words, { ...UNTOUCHED, fields: { label: "bird", owner: "" } })).toEqual({ label: "bird", owner: "" });
});

test("what differs is erased only where somebody says so, and can be kept after all", () => {
  const words = wordsOf(two);
  const touched = withField(withField(UNTOUCHED, "label", "bird"), "label", "  ");
  expect(patchOf(words, touched)).toBeNull();
  const erased = withErased(withField(UNTOUCHED, "label", "bird"), "label");
  expect(patchOf(words, erased)).toEqual({ label: "" });
  expect(patchOf(words, withErased(erased, "label"))).toBeNull();
  expect(patchOf(words, withField(erased, "label", "bird"))).toEqual({ label: "bird" });
});

test("tags are added between commas, once, in whatever case", () => {
  const draft = withTags(withTags(UNTOUCHED, "Beach, family,, "), "beach");
  expect(draft.added).toEqual(["Beach", "family"]);
  expect(patchOf(wordsOf(two), draft)).toEqual({ add_tags: ["Beach", "family"] });
});

test("a tag that was just added is simply gone, one that is there is taken away, and can come back", () => {
  const added = withoutTag(withTags(UNTOUCHED, "x"), "X");
  expect(added).toEqual(UNTOUCHED);
  const removed = withoutTag(UNTOUCHED, "Sofa");
  expect(patchOf(wordsOf(two), removed)).toEqual({ remove_tags: ["Sofa"] });
  expect(withTags(removed, "sofa")).toEqual(UNTOUCHED);
});
