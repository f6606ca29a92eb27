import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, expect, test } from "vitest";

import type { Schemas } from "../api/client.ts";
import { Terms } from "./Terms.tsx";

let root: Root;
afterEach(() => flushSync(() => root.unmount()));

const understood = (words: string[], weights: Record<string, number> = {}): Schemas["Understood"] => ({ text: "", words, phrases: [], excluded: [], weights, filter: "format:png" });

/** Draw words as they were read; gives a way to press buttons, to draw others, and the last text that came of it. */
function drawn(first: Schemas["Understood"]) {
  const place = document.createElement("div");
  root = createRoot(place);
  const now = { text: "" };
  const draw = (read: Schemas["Understood"]) => flushSync(() => root.render(createElement(Terms, { understood: read, onText: (text) => (now.text = text) })));
  const press = (label: string) => flushSync(() => place.querySelector<HTMLElement>(`[title="${label}"]`)?.click());
  draw(first);
  return { now, draw, press };
}

test("words that are changed one after the other, before an answer comes, are all changed", () => {
  const { now, press } = drawn(understood(["red", "dog"]));
  press("“red” counts more");
  press("“dog” counts more");
  press("“red” counts more");
  expect(now.text).toBe("red:3 dog:2 format:png");
});

test("what the service reads next counts, whatever was pressed before", () => {
  const { now, draw, press } = drawn(understood(["red", "dog"]));
  press("Remove “red”");
  draw(understood(["red", "cat"], { cat: 2 }));
  press("“red” counts more");
  expect(now.text).toBe("red:2 cat:2 format:png");
});
