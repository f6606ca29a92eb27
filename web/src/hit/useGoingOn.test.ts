import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { expect, test } from "vitest";

import { useGoingOn } from "./useGoingOn.ts";

/** Tell how often more is called for, one after the other, with these places among so many. */
function calls(...drawn: (readonly [place: number, count: number])[]): number {
  const root = createRoot(document.createElement("div"));
  let count = 0;
  const more = () => void (count += 1);
  function Drawn({ at }: { at: readonly [number, number] }) {
    useGoingOn(at[0], at[1], more);
    return null;
  }
  for (const at of drawn) flushSync(() => root.render(createElement(Drawn, { at })));
  flushSync(() => root.unmount());
  return count;
}

test("near the end more come, and elsewhere none", () => {
  expect(calls([3, 40])).toBe(0);
  expect(calls([36, 40], [37, 40], [37, 160])).toBe(1);
});

test("one that a link opened is looked for page after page, but not for ever", () => {
  expect(calls([-1, 40], [-1, 160], [60, 280])).toBe(2);
  expect(calls([-1, 1_000])).toBe(0);
  expect(calls([-1, 0])).toBe(0);
});
