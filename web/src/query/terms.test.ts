import { expect, test } from "vitest";

import { leavesOut, replaceTerm, termsOf, weighed, writeTerms, writeWanted } from "./terms.ts";

const understood = {
  text: 'dog:2 run "in snow" -people -"red car" taken:2019',
  words: ["dog", "run"],
  phrases: ["in snow"],
  excluded: ["people", "red car"],
  weights: { dog: 2 },
  filter: "taken:2019",
};

test("what was understood is written as it was read", () => {
  expect(writeTerms(termsOf(understood), understood.filter)).toBe('dog:2 run "in snow" -people -"red car" taken:2019');
});

test("words can be searched with without what leaves pictures out", () => {
  expect(writeWanted(understood)).toBe('dog:2 run "in snow"');
  const plain = { ...understood, excluded: [], filter: "" };
  expect([understood, { ...plain, filter: "label:x" }, { ...plain, excluded: ["x"] }, plain].map(leavesOut)).toEqual([true, true, true, false]);
});

test("a word counts more or less step by step, and stays at the ends", () => {
  const [dog, run] = termsOf(understood);
  if (!dog || !run) throw new Error("two terms were expected");
  expect([weighed(run, 1).weight, weighed(run, -1).weight]).toEqual([2, 0.5]);
  expect([weighed({ ...dog, weight: 5 }, 1).weight, weighed({ ...dog, weight: 0.5 }, -1).weight]).toEqual([5, 0.5]);
  expect(weighed({ ...dog, weight: 1.7 }, 1).weight).toBe(2);
});

test("a term can be changed or taken away", () => {
  const terms = termsOf(understood);
  const [dog, run] = terms;
  if (!dog || !run) throw new Error("two terms were expected");
  expect(writeTerms(replaceTerm(terms, run, { ...run, isExcluded: true }), "")).toContain(" -run ");
  expect(writeTerms(replaceTerm(terms, dog, null), "")).not.toContain("dog");
});
