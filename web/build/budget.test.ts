import { expect, test } from "vitest";

import { gzipped, loadedWith } from "./budget.ts";

const pieces = new Map([
  ["main.js", { source: "", imports: ["react.js", "api.js"] }],
  ["api.js", { source: "", imports: ["react.js", "main.js"] }],
  ["react.js", { source: "", imports: [] }],
  ["later.js", { source: "", imports: ["react.js"] }],
]);

test("what is imported on demand is no part of the first visit, and circles end", () => {
  expect([...loadedWith("main.js", pieces)].sort()).toEqual(["api.js", "main.js", "react.js"]);
});

test("sizes are those of the transfer", () => {
  expect(gzipped("a".repeat(10_000))).toBeLessThan(100);
});
