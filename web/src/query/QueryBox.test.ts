import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, expect, test } from "vitest";

import { QueryBox } from "./QueryBox.tsx";

let root: Root;
afterEach(() => flushSync(() => root.unmount()));

/** Put something into the box, however long, and search; gives what was searched with. */
function searched(typed: string): string[] {
  const found: string[] = [];
  const place = document.createElement("div");
  root = createRoot(place);
  const told = { onText: (text: string) => found.push(text), onPicture: (picture: object) => found.push(JSON.stringify(picture)), onOdd: () => found.push("odd") };
  flushSync(() => root.render(createElement(QueryBox, { text: "", beside: false, ...told })));
  const input = place.querySelector("input[type=search]") as HTMLInputElement;
  expect(input.hasAttribute("maxlength")).toBe(false);
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(input, typed);
  flushSync(() => input.dispatchEvent(new Event("input", { bubbles: true })));
  flushSync(() => place.querySelector("form")?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })));
  return found;
}

test("a long address is searched with as it is, and of words as many as the service reads", () => {
  const url = `https://example.org/cat.jpg?signed=${"a".repeat(5_000)}`;
  expect(searched(url)).toEqual([JSON.stringify({ kind: "url", url })]);
  expect(searched("dog ".repeat(2_000))).toEqual(["dog ".repeat(1_000).trim()]);
});
