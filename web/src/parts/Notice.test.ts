import { expect, test } from "vitest";

import description from "../../../docs/openapi.json";
import { Problem, Unaskable } from "../api/problem.ts";
import { de } from "../messages/de/index.ts";
import { en } from "../messages/en/index.ts";
import { tell } from "./Notice.tsx";

const problems = (description as { "x-problems": { type: string; title: string; status: number }[] })["x-problems"];

test.each(problems)("$type is told in the visitor's language, and in English as the service does", ({ type, title, status }) => {
  const problem = new Problem(status, { type: `/docs#${type}`, title, detail: "d", fix: "f" });
  expect(tell(problem, en)).toMatchObject({ title, detail: "d", fix: "f" });
  const german = tell(problem, de);
  for (const text of [german.title, german.detail, german.fix]) expect(["", "d", "f", title, de.problems.kinds.other.title]).not.toContain(text);
  expect(german.inItsWords).toBe("d\nf");
});

test("what stands between, such as a proxy, is told in the visitor's language, too", () => {
  expect(tell(new Problem(502, {}), de)).toMatchObject({ title: de.problems.kinds.overloaded.title, mayPass: true });
  expect(tell(new Problem(418, { title: "I'm a teapot" }), en)).toMatchObject({ title: en.problems.kinds.other.title, detail: en.problems.kinds.other.detail });
});

test("a service that is silent is told with what to do", () => {
  expect(tell(new Problem(0, {}), en)).toMatchObject({ title: "Lookalike does not answer", mayPass: true });
});

test("what failed within the service can be tried again, what it refused cannot", () => {
  expect([500, 503, 400, 404].map((status) => tell(new Problem(status, {}), en).mayPass)).toEqual([true, true, false, false]);
});

test("a fault of the page itself says so, and may be gone when it is loaded again", () => {
  expect(tell(new TypeError("x is undefined"), en)).toMatchObject({ detail: "x is undefined", mayPass: true });
});

test("what could not be asked is told in its own words, with no log to look into", () => {
  expect(tell(new Unaskable({ title: "t", detail: "d" }), de)).toMatchObject({ title: "t", detail: "d", fix: "" });
});
