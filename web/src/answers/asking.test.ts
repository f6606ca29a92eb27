import { expect, test } from "vitest";

import { lean } from "./asking.ts";
import { hit } from "./hits.testing.ts";

test("what is empty in hits is one and the same, and all else stays what it was", () => {
  const [one, other] = [lean(hit("a", { words: ["cat"] })), lean({ ...hit("b"), tags: ["red"] })];
  expect(one).toEqual(hit("a", { words: ["cat"] }));
  expect(other).toEqual({ ...hit("b"), tags: ["red"] });
  expect(one.metadata).toBe(other.metadata);
  expect(one.edited).toBe(other.evidence.regions);
});
