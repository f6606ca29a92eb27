import { expect, test } from "vitest";

import { matrix3d, points } from "./geometry.ts";

/** Apply a CSS matrix3d to a point, as a browser does. */
function apply(transform: string, x: number, y: number): number[] {
  const m = transform.slice(9, -1).split(",").map(Number);
  const at = (n: number) => m[n] ?? 0;
  const w = at(3) * x + at(7) * y + at(15);
  return [(at(0) * x + at(4) * y + at(12)) / w, (at(1) * x + at(5) * y + at(13)) / w];
}

test("a homography of fractions moves pixels of a box", () => {
  const homography = [0.5, 0.1, 0.25, -0.05, 0.6, 0.2, 0.1, 0.2, 1];
  const [width, height] = [400, 300];
  for (const [x, y] of [
    [0, 0],
    [1, 0],
    [0.3, 0.8],
  ] as const) {
    const w = 0.1 * x + 0.2 * y + 1;
    const expected = [((0.5 * x + 0.1 * y + 0.25) / w) * width, ((-0.05 * x + 0.6 * y + 0.2) / w) * height];
    const [left, top] = apply(matrix3d(homography, width, height), x * width, y * height);
    expect(left).toBeCloseTo(expected[0] ?? NaN);
    expect(top).toBeCloseTo(expected[1] ?? NaN);
  }
});

test("corners are written for SVG", () => {
  expect(points([[0, 0.5], [1, 0.25]])).toBe("0,0.5 1,0.25");
});
