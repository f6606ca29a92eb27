import { expect, test } from "vitest";

import { de } from "../messages/de/index.ts";
import { en } from "../messages/en/index.ts";
import { translateEdits } from "./edits.ts";

const ALL = [
  "cropped to 31 %, set into a larger picture, 36 % of it, mirrored, rotated 5° clockwise, stretched by 7 %, scaled to 50 %, colours inverted",
  "mirrored top to bottom, seen at an angle, 2 regions match",
  "mirrored, rotated 12° anticlockwise",
  "rotated 180°",
  "same framing",
];

test.each(ALL)("%j reads in English as the service says it", (text) => {
  expect(translateEdits(text, en.hit.edits)).toBe(text.replaceAll(" %", "\u00a0%"));
});

test("other languages say it in theirs", () => {
  expect(translateEdits("cropped to 31 %, mirrored", de.hit.edits)).toBe("zugeschnitten auf 31\u00a0%, gespiegelt");
  for (const text of ALL) expect(translateEdits(text, de.hit.edits)).not.toContain(text.split(" ")[0]);
});

test("what is not understood stays whole", () => {
  expect(translateEdits("cropped to 31 %, painted over", de.hit.edits)).toBe("cropped to 31 %, painted over");
});
