import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, expect, test } from "vitest";

import { useTakingIn } from "./useTakingIn.ts";

let root: Root;
afterEach(() => flushSync(() => root.unmount()));

/** Listen to the page; gives what was taken in. */
function listening(takesOwn: boolean): string[] {
  const taken: string[] = [];
  function Drawn() {
    useTakingIn({ takesOwn, found: ({ kind }) => taken.push(kind), odd: (how) => taken.push(how) });
    return null;
  }
  root = createRoot(document.createElement("div"));
  flushSync(() => root.render(createElement(Drawn)));
  return taken;
}

/** Send an event of dragging to the page; tells whether the browser is kept from doing what it would. */
function drag(name: string, texts: Record<string, string> = {}): boolean {
  const event = new Event(name, { bubbles: true, cancelable: true });
  const dataTransfer = { types: Object.keys(texts), files: [], items: [], getData: (type: string) => texts[type] ?? "" };
  Object.assign(event, { dataTransfer });
  flushSync(() => document.dispatchEvent(event));
  return event.defaultPrevented;
}

const LINK = { "text/uri-list": "https://example.org/cat.jpg" };

test("text that is dragged is left to the field it is dropped into", () => {
  const taken = listening(true);
  expect([drag("dragover", { "text/plain": "dogs" }), drag("drop", { "text/plain": "dogs" }), taken]).toEqual([false, false, []]);
});

test("a picture that is dragged here from elsewhere is taken in", () => {
  const taken = listening(false);
  expect([drag("dragover", LINK), drag("drop", LINK), taken]).toEqual([true, true, ["url"]]);
});

test("a picture of the page itself is taken in only where that is wanted", () => {
  listening(false);
  drag("dragstart");
  expect(drag("dragover", LINK)).toBe(false);
  drag("dragend");
  expect(drag("dragover", LINK)).toBe(true);
  root.unmount();
  listening(true);
  drag("dragstart");
  expect(drag("dragover", LINK)).toBe(true);
});
