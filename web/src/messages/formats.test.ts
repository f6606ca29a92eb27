import { expect, test } from "vitest";

import { formatsFor } from "./formats.ts";

const en = formatsFor("en");

test("no share is rounded to a certainty", () => {
  expect([en.share(1), en.share(0.999), en.share(0.5), en.share(0)]).toEqual(["99%", "99%", "50%", "1%"]);
  expect(formatsFor("de").share(0.5)).toBe("50\u00a0%");
});

test("sizes are put in the unit that fits", () => {
  expect([12, 3456, 2_500_000, 7_200_000_000].map(en.bytes)).toEqual(["1 kB", "3 kB", "2.5 MB", "7.2 GB"]);
  expect([en.bytes(0), formatsFor("fr").bytes(0)]).toEqual(["0 kB", "0\u202fko"]);
});

test("a camera's clock is not moved into another zone", () => {
  expect(en.moment("2021-07-04T15:30:00")).toMatch(/^Jul 4, 2021, 3:30\sPM$/);
  expect(en.day("2021-07-04T23:59:00")).toBe("Jul 4, 2021");
});

test("a length of time has one unit, and is never too short", () => {
  expect([0.2, 42, 61, 7_200, 90_000].map(en.span)).toEqual(["1 sec", "42 sec", "2 min", "2 hr", "2 days"]);
});

test("a month has a name", () => {
  expect([en.month("2021-07"), formatsFor("de").month("2021-03-09")]).toEqual(["July 2021", "März 2021"]);
});
