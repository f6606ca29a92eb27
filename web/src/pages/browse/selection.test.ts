import { expect, test } from "vitest";

import { NONE, extended, kept, toggled, withAll, withMore } from "./selection.ts";

const ORDER = ["a", "b", "c", "d", "e"];

test("a range goes from what was chosen last to where one is, in either direction", () => {
  const down = extended(toggled(NONE, "b"), ORDER, "d");
  expect([...down.ids]).toEqual(["b", "c", "d"]);
  expect([...extended(down, ORDER, "a").ids].sort()).toEqual(["a", "b", "c", "d"]);
});

test("a range without a beginning is the one picture", () => {
  expect([...extended(NONE, ORDER, "c").ids]).toEqual(["c"]);
  expect([...extended({ ids: new Set(), anchor: "gone" }, ORDER, "c").ids]).toEqual(["c"]);
});

test("what is chosen twice is let go, alone or as a section", () => {
  expect(toggled(toggled(NONE, "a"), "a").ids.size).toBe(0);
  const all = withAll(toggled(NONE, "e"), ["a", "b"]);
  expect([...all.ids].sort()).toEqual(["a", "b", "e"]);
  expect([...withAll(all, ["a", "b"]).ids]).toEqual(["e"]);
});

test("what is not there any more is not chosen", () => {
  expect([...kept(extended(toggled(NONE, "a"), ORDER, "c"), new Set(["b"])).ids]).toEqual(["b"]);
});

test("what is chosen once more stays chosen", () => {
  expect([...withMore(withMore(NONE, ["a"]), ["a", "b"]).ids]).toEqual(["a", "b"]);
});
