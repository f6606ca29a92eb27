import { expect, test } from "vitest";

import { unreadableFile } from "../api/unreadable.testing.ts";
import { Unreadable } from "../api/unreadable.ts";
import { keep } from "../query/kept.ts";
import { bodyOf, lean } from "./asking.ts";
import { hit } from "./hits.testing.ts";

test("what is empty in hits is one and the same, and all else stays what it was", () => {
  const [one, other] = [lean(hit("a", { words: ["cat"] })), lean({ ...hit("b"), tags: ["red"] })];
  expect(one).toEqual(hit("a", { words: ["cat"] }));
  expect(other).toEqual({ ...hit("b"), tags: ["red"] });
  expect(one.metadata).toBe(other.metadata);
  expect(one.edited).toBe(other.evidence.regions);
});

test("a picture whose file cannot be read any more is not asked with", async () => {
  const key = keep(unreadableFile());
  await expect(bodyOf({ picture: { kind: "file", key }, crop: null }, {})).rejects.toBeInstanceOf(Unreadable);
});
