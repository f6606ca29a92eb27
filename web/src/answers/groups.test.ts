import { expect, test } from "vitest";

import { groupHits, mayHoldMore } from "./groups.ts";
import { hit } from "./hits.testing.ts";

const all = { least: 0, most: 10_000, sort: "best" } as const;
const ids = (some: readonly { id: string }[]) => some.map((one) => one.id).join("");

const hits = [
  hit("a", { tier: "identical", confidence: 1, taken_at: "2020-01-01T00:00:00" }),
  hit("b", { tier: "edited", confidence: 0.9 }),
  hit("c", { confidence: 0.2, relation: "shares_region" }),
  hit("d", { confidence: 0.8, width: 10, taken_at: "2021-05-01T00:00:00" }),
  hit("e", { confidence: 0.6, width: 99, taken_at: "2019-05-01T00:00:00" }),
  hit("f", { confidence: 0.4 }),
];

test("hits fall into their tiers, and what merely comes nearest stands apart", () => {
  const groups = groupHits(hits, all);
  expect(Object.values(groups).map(ids)).toEqual(["a", "b", "cde", "f"]);
});

test("a part that is the same counts, however unsure the rest", () => {
  expect(ids(groupHits(hits, { ...all, least: 70 }).similar)).toBe("cd");
});

test("how many and how similar can be said", () => {
  expect(Object.values(groupHits(hits, { ...all, most: 2 })).map(ids)).toEqual(["a", "b", "", ""]);
  expect(ids(groupHits(hits, { ...all, least: 50 }).far)).toBe("");
});

test("each group can be put in another order", () => {
  expect(ids(groupHits(hits.slice(3, 5), { ...all, sort: "newest" }).similar)).toBe("de");
  expect(ids(groupHits(hits.slice(3, 5), { ...all, sort: "oldest" }).similar)).toBe("ed");
  expect(ids(groupHits(hits.slice(3, 5), { ...all, sort: "largest" }).similar)).toBe("ed");
  expect(ids(groupHits(hits.slice(3, 5), { ...all, sort: "name" }).similar)).toBe("de");
});

test("no page is asked for that could hold nothing to show", () => {
  expect(mayHoldMore(hits, all)).toBe(true);
  expect(mayHoldMore(hits, { ...all, least: 45 })).toBe(false);
  expect(mayHoldMore(hits, { ...all, most: 6 })).toBe(false);
  expect(mayHoldMore([], { ...all, least: 90 })).toBe(true);
});

test("an order of their own has an end, since all must be there first", () => {
  const many = Array.from({ length: 1_000 }, (_, n) => hit(String(n), { confidence: 0.9 }));
  expect(mayHoldMore(many, all)).toBe(true);
  expect(mayHoldMore(many, { ...all, sort: "newest" })).toBe(false);
});
