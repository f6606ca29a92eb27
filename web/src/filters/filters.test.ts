import { expect, test } from "vitest";

import { asRead, inFolder, quoted, replaced, splitTerms, toggled, valuesOf, without } from "./filters.ts";

test.each([
  ["", []],
  ["label:dog  width>=1000", ["label:dog", "width>=1000"]],
  ['path:"my pictures/*" -tag:blurry', ['path:"my pictures/*"', "-tag:blurry"]],
  ["owner:ann (label:dog OR tag:snow)", ["owner:ann", "(label:dog OR tag:snow)"]],
  ["label:dog OR tag:snow", ["(label:dog OR tag:snow)"]],
  ["NOT label:dog tag:a", ["-label:dog", "tag:a"]],
  ['label:what\\? meta."lens model":*50mm*', ["label:what\\?", 'meta."lens model":*50mm*']],
  ['text:"a \\" b" x:1', ['text:"a \\" b"', "x:1"]],
])("%j has the terms %j", (where, terms) => {
  expect(splitTerms(where)).toEqual(terms);
});

test("a value is written so that it is read as it is", () => {
  expect(["dog", "red panda", 'say "hi"', "a,b", "50*", "back\\slash"].map(quoted)).toEqual([
    "dog",
    '"red panda"',
    '"say \\"hi\\""',
    '"a,b"',
    '"50\\*"',
    '"back\\\\slash"',
  ]);
});

test("a value is read as it was before it was written", () => {
  for (const value of ["dog", "red panda", 'say "hi"', "a,b", "50*", "back\\slash"]) expect(asRead(quoted(value))).toBe(value);
  expect(asRead(inFolder("/photos/2019*/"))).toBe("/photos/2019*");
});

test("values of one field are a choice, and can be taken back", () => {
  let where = toggled("width>=100", "format", "png");
  where = toggled(where, "format", "webp");
  expect(where).toBe("width>=100 format:png,webp");
  expect(valuesOf(where, "format")).toEqual(["png", "webp"]);
  where = toggled(where, "format", "png");
  expect(where).toBe("width>=100 format:webp");
  expect(toggled(where, "format", "webp")).toBe("width>=100");
});

test("a comma within quotes parts no values", () => {
  expect(valuesOf('tag:"a,b",c', "tag")).toEqual(['"a,b"', "c"]);
});

test("a term can be left out or replaced", () => {
  expect(without('label:dog path:"a b/*"', 'path:"a b/*"')).toBe("label:dog");
  expect(replaced("taken>=2019 label:dog", ["taken"], "taken:2020..2021")).toBe("label:dog taken:2020..2021");
  expect(replaced("taken>=2019 label:dog", ["taken"], "")).toBe("label:dog");
});

test("a folder holds what lies below it", () => {
  expect(inFolder("/home/ann/My Pictures/")).toBe('"/home/ann/My Pictures/*"');
  expect(inFolder("what?")).toBe('"what\\?/*"');
});
