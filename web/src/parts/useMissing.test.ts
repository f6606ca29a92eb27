import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";

import { sayLogin } from "../api/client.ts";
import { useMissing } from "./useMissing.ts";

afterEach(() => vi.useRealTimers());

/** Draw the hook; gives what says that the picture is missing, and what tells whether it counts as that. */
function drawing() {
  const root = createRoot(document.createElement("div"));
  const now: { hook?: ReturnType<typeof useMissing> } = {};
  function Drawn() {
    now.hook = useMissing();
    return null;
  }
  flushSync(() => root.render(createElement(Drawn)));
  return { miss: () => flushSync(() => now.hook?.onMissing()), isMissing: () => now.hook?.isMissing };
}

test.each([
  ["after somebody has signed in", () => sayLogin(true)],
  ["when the network is back", () => dispatchEvent(new Event("online"))],
])("a picture that could not be had is asked for once more %s, however often", (_, happen) => {
  const { miss, isMissing } = drawing();
  for (let n = 0; n < 5; n += 1) {
    miss();
    expect(isMissing()).toBe(true);
    flushSync(happen);
    expect(isMissing()).toBe(false);
  }
});

test("it is asked for again by itself, later each time, and not for ever", async () => {
  vi.useFakeTimers();
  const { miss, isMissing } = drawing();
  for (const wait of [3_000, 10_000, 30_000]) {
    miss();
    vi.advanceTimersByTime(wait - 1);
    expect([isMissing(), vi.getTimerCount()]).toEqual([true, 1]);
    vi.advanceTimersByTime(1);
    await vi.waitFor(() => expect(isMissing()).toBe(false));
  }
  miss();
  expect([isMissing(), vi.getTimerCount()]).toEqual([true, 0]);
});

test("one that stayed in sight for a while is asked for as often again", async () => {
  vi.useFakeTimers();
  const { miss, isMissing } = drawing();
  for (let outage = 0; outage < 5; outage += 1) {
    miss();
    vi.advanceTimersByTime(3_000);
    await vi.waitFor(() => expect(isMissing()).toBe(false));
    vi.advanceTimersByTime(60_000);
  }
});
