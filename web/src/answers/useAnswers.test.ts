import { expect, test } from "vitest";

import type { SearchAnswer } from "../api/client.ts";
import { hit } from "./hits.testing.ts";
import { NOTHING, step } from "./useAnswers.ts";

const page = (ids: string, cursor: string): SearchAnswer => ({
  hits: ids.split("").map((id) => hit(id)),
  understood: null,
  description: "",
  remarks: [],
  wordings: [],
  cursor,
  likely: true,
  took_ms: 1,
});

test("pages follow one another, and a hit that comes twice is shown once", () => {
  const first = step(NOTHING, { kind: "answer", question: "q", answer: page("ab", "more"), isFirst: true });
  const both = step(first, { kind: "answer", question: "q", answer: page("bc", ""), isFirst: false });
  expect(both.hits.map((one) => one.id)).toEqual(["a", "b", "c"]);
  expect(both.first?.cursor).toBe("more");
  expect(both.cursor).toBe("");
});

test("old answers stay until the next ones come, unless the picture is another", () => {
  const there = step(NOTHING, { kind: "answer", question: "q", answer: page("ab", ""), isFirst: true });
  expect(step(there, { kind: "ask", question: "r", anew: false }).hits).toHaveLength(2);
  expect(step(there, { kind: "ask", question: "r", anew: true }).hits).toHaveLength(0);
});

test("a page that fails leaves those before it; a question that fails leaves nothing", () => {
  const there = step(NOTHING, { kind: "answer", question: "q", answer: page("ab", "more"), isFirst: true });
  const error = new Error("x");
  expect(step(there, { kind: "fail", question: "q", error })).toMatchObject({ error, hits: there.hits });
  expect(step(there, { kind: "fail", question: "r", error })).toMatchObject({ error, hits: [] });
});
