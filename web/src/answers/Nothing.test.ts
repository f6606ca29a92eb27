import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { expect, test } from "vitest";

import { EMPTY, type View } from "../query/query.ts";
import { Nothing } from "./Nothing.tsx";

/** Give where the link leads that is offered where words are nothing but a filter, and nothing passes. */
function wayOn(view: Partial<View>): string | null | undefined {
  const place = document.createElement("div");
  const understood = { filter: "label:cat", words: [], phrases: [], excluded: [], weights: {} } as never;
  flushSync(() => createRoot(place).render(createElement(Nothing, { view: { ...EMPTY, text: "label:cat", ...view }, given: 0, understood })));
  return place.querySelector("a")?.getAttribute("href");
}

test("where nothing would be left to search by without what is left out, all pictures are offered", () => {
  expect(wayOn({})).toBe("/browse");
  expect(wayOn({ picture: { kind: "id", id: "a" } })).toBe("/?id=a");
});
