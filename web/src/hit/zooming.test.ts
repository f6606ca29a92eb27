import { expect, test } from "vitest";

import { FITTED, isWorthShowing, largest, moved, zoomed, type Shown } from "./zooming.ts";

const photo: Shown = { picture: { width: 4_000, height: 2_000 }, place: { width: 1_000, height: 800 }, density: 1 };
const middle = { x: 0, y: 0 };

test("the largest is a pixel for a pixel of the screen; what is small already can be doubled", () => {
  expect(largest(photo)).toBe(4);
  expect(largest({ ...photo, density: 2 })).toBe(2);
  expect(largest({ ...photo, picture: { width: 100, height: 100 } })).toBe(2);
  expect(zoomed(FITTED, 99, middle, photo)).toEqual({ scale: 4, x: 0, y: 0 });
});

test("what is pointed at stays where it is", () => {
  const at = { x: 200, y: -100 };
  const { scale, x, y } = zoomed(FITTED, 3, at, photo);
  expect([(at.x - x) / scale, (at.y - y) / scale]).toEqual([200, -100]);
});

test("it is moved to its edges and no further, and not at all where it fits", () => {
  const { scale } = zoomed(FITTED, 4, middle, photo);
  expect(moved({ scale, x: 0, y: 0 }, { x: 9_999, y: -9_999 }, photo)).toEqual({ scale: 4, x: 1_500, y: -600 });
  expect(moved(FITTED, { x: 50, y: 50 }, photo)).toEqual(FITTED);
});

test("making it smaller ends where all of it fits", () => {
  const large = zoomed(FITTED, 4, { x: 400, y: 0 }, photo);
  expect(zoomed(large, 1 / 4, middle, photo)).toEqual(FITTED);
  expect(zoomed(large, 1 / 9, middle, photo)).toEqual(FITTED);
});

test("the original is shown where it shows more, browsers can draw it, and it moves only for those who want that", () => {
  const jpeg = { format: "jpeg", width: 4_000, height: 3_000 };
  expect(isWorthShowing(jpeg, 1_024, true)).toBe(true);
  expect(isWorthShowing({ ...jpeg, width: 1_000, height: 700 }, 1_024, false)).toBe(false);
  expect(isWorthShowing({ ...jpeg, width: 20_000, height: 20_000 }, 1_024, false)).toBe(false);
  for (const format of ["heif", "tiff", "dng"]) expect(isWorthShowing({ ...jpeg, format }, 1_024, false)).toBe(false);
  expect([false, true].map((reduces) => isWorthShowing({ format: "gif", width: 90, height: 90 }, 1_024, reduces))).toEqual([true, false]);
});
