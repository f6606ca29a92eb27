import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { go, useAddress } from "./address.ts";
import { forgetLists, usePlace } from "./places.ts";

let root: Root;
let loaded: Record<string, readonly number[] | null>;
const now: { isBack?: boolean; given: unknown[] } = { given: [] };

/** A page that shows what was loaded for the question in its address. */
function Drawn() {
  const question = useAddress().said.get("text") ?? "";
  const shown = loaded[question] ?? null;
  const isBack = usePlace({ question, shown, size: shown?.length ?? 0 }, (kept) => now.given.push(kept));
  now.isBack = isBack();
  return null;
}

beforeEach(() => {
  forgetLists();
  vi.spyOn(window, "scrollTo").mockImplementation(() => undefined);
  loaded = {};
  now.given = [];
  root = createRoot(document.createElement("div"));
  flushSync(() => root.render(createElement(Drawn)));
});
afterEach(() => {
  flushSync(() => root.unmount());
  vi.restoreAllMocks();
});

/** Visit a question by a link, and have something loaded for it. */
function visit(question: string, list: readonly number[]): void {
  loaded = {};
  flushSync(() => go(`/?text=${question}`));
  loaded = { [question]: list };
  flushSync(() => root.render(createElement(Drawn)));
}

async function back(): Promise<unknown> {
  loaded = {};
  now.given = [];
  const arrived = new Promise((resolve) => addEventListener("popstate", resolve, { once: true }));
  history.back();
  await arrived;
  await vi.waitFor(() => expect(location.search).not.toBe(""));
  flushSync(() => root.render(createElement(Drawn)));
  return now.given[0];
}

test("back leads to the list that was there, and a link to none", async () => {
  const list = [1, 2, 3];
  visit("a", list);
  visit("b", [4]);
  visit("a", [1]);
  expect(now.given).toEqual([]);
  await back();
  expect(await back()).toBe(list);
});

test("what was replaced by another question, or forgotten, is not given", async () => {
  visit("a", [1]);
  visit("b", [2]);
  forgetLists();
  expect(await back()).toBeUndefined();
  visit("c", [1]);
  loaded = {};
  flushSync(() => go("/?text=d", { replace: true }));
  visit("e", [2]);
  expect(await back()).toBeUndefined();
});

test("of very long lists only the latest are kept", async () => {
  const long = Array.from({ length: 12_000 }, () => 0);
  for (const question of ["a", "b", "c", "d"]) visit(question, long);
  expect(await back()).toBe(long);
  expect(await back()).toBeUndefined();
});
