import { expect, test } from "vitest";

import { swiped } from "./swiping.ts";

test("a finger that goes across leads on, to the left to the next", () => {
  expect([swiped(-80, 10), swiped(80, -30)]).toEqual([1, -1]);
});

test("a tap and a finger that scrolls lead nowhere", () => {
  expect([swiped(-5, 0), swiped(70, 60), swiped(0, -300)]).toEqual([0, 0, 0]);
});
