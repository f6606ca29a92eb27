import { createElement, type PointerEvent } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";

import { swiped, useEnlarged, useSwiping } from "./swiping.ts";

afterEach(() => vi.unstubAllGlobals());

test("a finger that goes across leads on, to the left to the next", () => {
  expect([swiped(-80, 10), swiped(80, -30)]).toEqual([1, -1]);
});

test("a tap and a finger that scrolls lead nowhere", () => {
  expect([swiped(-5, 0), swiped(70, 60), swiped(0, -300)]).toEqual([0, 0, 0]);
});

test("where two fingers have enlarged the page, one moves it and leads nowhere", () => {
  const viewport = Object.assign(new EventTarget(), { scale: 1 });
  vi.stubGlobal("visualViewport", viewport);
  const [went, now] = [vi.fn(), {} as { isEnlarged?: boolean; swiping?: ReturnType<typeof useSwiping> }];
  function Drawn() {
    now.isEnlarged = useEnlarged();
    now.swiping = useSwiping(went, went);
    return null;
  }
  flushSync(() => createRoot(document.createElement("div")).render(createElement(Drawn)));
  const swipe = () => {
    const finger = { pointerType: "touch", isPrimary: true, target: document.body, clientX: 200, clientY: 0 } as unknown as PointerEvent;
    now.swiping?.onPointerDown(finger);
    now.swiping?.onPointerUp({ ...finger, clientX: 0 });
    return [now.isEnlarged, went.mock.calls.length];
  };
  const zoom = (scale: number) =>
    flushSync(() => {
      viewport.scale = scale;
      viewport.dispatchEvent(new Event("resize"));
    });
  expect(swipe()).toEqual([false, 1]);
  zoom(2);
  expect(swipe()).toEqual([true, 1]);
  zoom(1);
  expect(swipe()).toEqual([false, 2]);
});
