import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Rush } from "./rush.ts";

const WINDOW = 800;
const FRAME_MS = 16;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function scrolled(rush: Rush, pixels: number, frames: number, from = { top: 0, at: 0 }) {
  const { top, at } = from;
  for (let n = 0; n < frames; n += 1) rush.note(top + n * pixels, at + n * FRAME_MS, WINDOW);
  return { top: top + frames * pixels, at: at + frames * FRAME_MS };
}

test("a flick that one can follow is no rush, dragging the bar across thousands is one", () => {
  const rush = new Rush();
  scrolled(rush, 100, 20);
  expect(rush.isOn).toBe(false);
  scrolled(rush, 400, 20, { top: 2_000, at: 20 * FRAME_MS });
  expect(rush.isOn).toBe(true);
});

test("a rush is one though two lists of pictures tell of each step", () => {
  const rush = new Rush();
  for (let n = 0; n < 10; n += 1) for (const late of [0, 0.2]) rush.note(400 * n, FRAME_MS * n + late, WINDOW);
  expect(rush.isOn).toBe(true);
});

test("a jump to the end is no rush, whatever came before it", () => {
  const rush = new Rush();
  rush.note(0, 0, WINDOW);
  rush.note(100_000, 50, WINDOW);
  expect(rush.isOn).toBe(false);
  rush.note(0, 2_000, WINDOW);
  expect(rush.isOn).toBe(false);
});

test("who waits is called once, where the window slows down", () => {
  const rush = new Rush();
  const end = scrolled(rush, 400, 5);
  const call = vi.fn();
  rush.whenOver(call);
  const slow = scrolled(rush, 400, 2, end);
  expect(call).not.toHaveBeenCalled();
  scrolled(rush, 10, 3, slow);
  expect(call).toHaveBeenCalledTimes(1);
});

test("who waits is called where the window stands still", () => {
  const rush = new Rush();
  scrolled(rush, 400, 5);
  const call = vi.fn();
  rush.whenOver(call);
  vi.advanceTimersByTime(99);
  expect(call).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(call).toHaveBeenCalledTimes(1);
  expect(rush.isOn).toBe(false);
});

test("what has gone from the page is not called, and who comes when it is over is called at once", () => {
  const rush = new Rush();
  scrolled(rush, 400, 5);
  const gone = vi.fn();
  rush.whenOver(gone)();
  vi.advanceTimersByTime(1_000);
  expect(gone).not.toHaveBeenCalled();
  const late = vi.fn();
  rush.whenOver(late);
  expect(late).toHaveBeenCalledTimes(1);
});
