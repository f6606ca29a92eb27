import { expect, test } from "vitest";

import { moved, type Place } from "./moves.ts";

const place = (index: number, lane: number, start: number, end: number): Place => ({ index, lane, start, end });

// 0 1 2
// 0 3 2
// 4 3 5
const places = [
  place(0, 0, 0, 200),
  place(1, 1, 0, 100),
  place(2, 2, 0, 210),
  place(3, 1, 120, 310),
  place(4, 0, 210, 300),
  place(5, 2, 220, 300),
];

test.each([
  [0, "ArrowDown", 4],
  [4, "ArrowDown", 4],
  [4, "ArrowUp", 0],
  [0, "ArrowRight", 1],
  [4, "ArrowRight", 3],
  [3, "ArrowLeft", 4],
  [3, "ArrowRight", 2],
  [5, "ArrowRight", 5],
  [0, "ArrowLeft", 0],
  [3, "Home", 0],
  [0, "End", 5],
])("from %i, %s leads to %i", (from, key, to) => {
  expect(moved(places, from, key)).toBe(to);
});

test("other keys lead nowhere, and nothing is next to nothing", () => {
  expect(moved(places, 0, "a")).toBeUndefined();
  expect(moved([], 0, "ArrowDown")).toBeUndefined();
});
