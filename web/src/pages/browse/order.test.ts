import { afterEach, expect, test, vi } from "vitest";

import type { Image } from "../../api/client.ts";
import { fromYear, runsOf } from "./order.ts";

const image = (taken_at: string | null, path = "/a/b.jpg") => ({ taken_at, path, added_at: "2026-01-31T12:00:00Z" }) as Image;

test("pictures stand under the month in which they were taken, and those without a date under none", () => {
  const images = [image("2021-07-04T15:30:00"), image("2021-07-01T00:00:00"), image("2021-05-01T00:00:00"), image(null)];
  expect(runsOf(images, "taken")).toEqual([
    { key: "2021-07", from: 0, count: 2 },
    { key: "2021-05", from: 2, count: 1 },
    { key: "", from: 3, count: 1 },
  ]);
});

afterEach(() => vi.unstubAllEnvs());

test("pictures stand under the visitor's own day on which they came in", () => {
  const added = (added_at: string) => ({ ...image(null), added_at }) as Image;
  const evening = [added("2026-02-01T07:59:00Z"), added("2026-01-31T08:00:00Z")];
  vi.stubEnv("TZ", "America/Los_Angeles");
  expect(runsOf(evening, "added")).toEqual([{ key: "2026-01-31", from: 0, count: 2 }]);
  vi.stubEnv("TZ", "Europe/Berlin");
  expect(runsOf(evening, "added").map(({ key }) => key)).toEqual(["2026-02-01", "2026-01-31"]);
});

test("in the order of folders, a folder is a heading; in that of sizes there is none", () => {
  const images = [image(null, "/x/1.jpg"), image(null, "/x/2.jpg"), image(null, "/x/y/1.jpg")];
  expect(runsOf(images, "folder").map(({ key, count }) => [key, count])).toEqual([["/x/", 2], ["/x/y/", 1]]);
  expect(runsOf(images, "largest")).toEqual([]);
});

test("uploads stand together, whatever their folders are called", () => {
  const upload = (start: string) => image(null, `/g.uploads/${start}/${start.padEnd(64, "0")}.jpg`);
  expect(runsOf([image(null, "/x/1.jpg"), upload("0c"), upload("1c")], "folder").map(({ key, count }) => [key, count])).toEqual([["/x/", 1], ["uploads", 2]]);
});

test("a year begins the list in the direction of the order", () => {
  expect(fromYear("taken", "2021")).toBe("taken<2022");
  expect(fromYear("earliest", "2021")).toBe("taken>=2021");
  expect(fromYear("taken", "none")).toBe("-taken:*");
  expect([fromYear("added", "2021"), fromYear("taken", "x) OR (")]).toEqual(["", ""]);
});
