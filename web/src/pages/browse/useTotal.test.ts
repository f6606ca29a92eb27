import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { whileMoving } from "../../change/moving.ts";
import { useTotal } from "./useTotal.ts";

let root: Root;
let count = 0;
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ field: "format", values: [{ value: "jpeg", count }] })));
});
afterEach(() => {
  flushSync(() => root.unmount());
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Give what is counted, as it is drawn. */
function drawn() {
  const now: { total?: ReturnType<typeof useTotal> } = {};
  root = createRoot(document.createElement("div"));
  function Drawn() {
    now.total = useTotal("");
    return null;
  }
  flushSync(() => root.render(createElement(Drawn)));
  return now as Required<typeof now>;
}

test("what is still being deleted is not said to have come; what others add meanwhile is, afterwards", async () => {
  count = 500;
  const now = drawn();
  await vi.waitFor(() => expect(now.total.total).toBe(500));
  let end = () => {};
  const deleting = whileMoving(["a"], () => new Promise<void>((resolve) => (end = resolve)));
  flushSync(() => now.total.shift(-400));
  count = 450; // some are deleted already
  await vi.advanceTimersByTimeAsync(6_500);
  expect([now.total.total, now.total.come]).toEqual([100, 0]);
  end();
  await deleting;
  count = 102;
  await vi.advanceTimersByTimeAsync(6_500);
  await vi.waitFor(() => expect([now.total.total, now.total.come]).toEqual([102, 2]));
});
