import { afterEach, expect, test, vi } from "vitest";

import { inSight, layOut, sideFor } from "./layout.ts";

afterEach(() => vi.unstubAllGlobals());

const SHAPE = { lanes: 2, gap: 10, headHeight: 50 };

test("each picture goes to the shortest column", () => {
  const { places, height } = layOut([100, 40, 40, 40], [], SHAPE);
  expect(places.map(({ lane, start }) => [lane, start])).toEqual([[0, 0], [1, 0], [1, 50], [1, 100]]);
  expect(height).toBe(140);
});

test("a section begins below all before it, and below its heading", () => {
  const { places, heads } = layOut([100, 40, 30, 30], [0, 2], SHAPE);
  expect(heads).toEqual([0, 160]);
  expect(places.map(({ start }) => start)).toEqual([50, 50, 210, 210]);
});

test("nothing takes no room", () => {
  expect(layOut([], [], SHAPE)).toEqual({ places: [], heads: [], height: 0 });
});

test("whatever is in sight is among what is drawn, even if it begins above", () => {
  const heights = Array.from({ length: 400 }, (_, n) => 30 + ((n * 37) % 170));
  const { places } = layOut(heights, [0, 90, 91, 300], { ...SHAPE, lanes: 5 });
  const starts = places.map(({ start }) => start);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  for (let top = 0; top < 9_000; top += 333) {
    const [from, to] = inSight(places, top, top + 700, 200);
    const seen = places.filter(({ start, end }) => end > top && start < top + 700).map(({ index }) => index);
    for (const index of seen) expect(index >= from && index < to).toBe(true);
    expect(to - from).toBeLessThan(120);
  }
});

test("a place takes the small thumbnail where that is sharp, on screens that show each pixel as one", () => {
  vi.stubGlobal("devicePixelRatio", 1);
  const wide = { width: 4_000, height: 3_000 };
  expect(sideFor(wide, 176)).toBe(256);
  expect(sideFor({ width: 3_000, height: 4_000 }, 313)).toBe(512);
  vi.stubGlobal("devicePixelRatio", 2);
  expect(sideFor(wide, 176)).toBe(512);
});

test("a panorama, of which the place shows a part, takes the larger one", () => {
  vi.stubGlobal("devicePixelRatio", 1);
  expect(sideFor({ width: 10_000, height: 1_000 }, 107)).toBe(512);
});
