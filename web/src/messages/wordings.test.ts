import { expect, test } from "vitest";

import { Problem } from "../api/problem.ts";
import { tell } from "../parts/Notice.tsx";
import { de } from "./de/index.ts";
import { en } from "./en/index.ts";
import { fr } from "./fr/index.ts";
import { say, type Wording } from "./wordings.ts";

const big: Wording = { code: "too-many-bytes", parameters: { megabytes: "1,812.4", most: "500" } };

test("what the service says is told in the visitor's language, with its numbers and names", () => {
  expect(say(big, de.wordings)).toBe("Die Datei hat 1.812,4\u00a0MB, mehr als 500\u00a0MB.");
  expect(say({ code: "no-picture", parameters: { kind: "a PDF document" } }, fr.wordings)).toBe("C’est un document PDF, pas une image lisible.");
  expect(say({ code: "moved-gone", parameters: { path: "/a/{path}/constructor.jpg" } }, de.wordings)).toBe("/a/{path}/constructor.jpg ist nicht mehr da.");
});

test("what has no words in a language, or comes from a newer service, is left to the service's own", () => {
  expect(say(big, en.wordings)).toBe("");
  expect(say(null, de.wordings)).toBe("");
  expect(say({ code: "other", parameters: {} }, de.wordings)).toBe("");
  for (const code of ["of-tomorrow", "constructor"]) expect(say({ code: code as Wording["code"], parameters: {} }, de.wordings)).toBe("");
});

test("a problem is told by what happened, where that is known, and else by its kind", () => {
  const problem = (wording: Wording | null) => new Problem(413, { type: "/docs#too-large", detail: "d", wording });
  expect(tell(problem(big), de)).toMatchObject({ title: "Zu groß", detail: "Die Datei hat 1.812,4\u00a0MB, mehr als 500\u00a0MB.", inItsWords: "d" });
  expect(tell(problem(null), de).detail).toBe(de.problems.kinds["too-large"].detail);
  expect(tell(problem(big), en).detail).toBe("d");
});
