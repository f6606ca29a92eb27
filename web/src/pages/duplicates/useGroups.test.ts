import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";

import { useGroups } from "./useGroups.ts";

let root: Root;
afterEach(() => {
  flushSync(() => root.unmount());
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const PAGES = 30;

/** Answer each question with a page of two groups, not before what came last is drawn. */
async function pages(asked: Request): Promise<Response> {
  await new Promise((drawn) => setTimeout(drawn, 5));
  const at = Number(new URL(asked.url).searchParams.get("cursor") ?? "");
  const groups = [2 * at + 1, 2 * at + 2].map((number) => ({ number, tier: "identical" }));
  const tiers = { identical: 2 * PAGES, edited: 0, similar: 0 };
  return Response.json({ groups, tiers, found_at: "", may_undo: false, cursor: at + 1 < PAGES ? String(at + 1) : "" });
}

test("groups are told at once, and all of them at the end, but not anew for every page", async () => {
  vi.stubGlobal("fetch", pages);
  vi.spyOn(performance, "now").mockReturnValue(0); // all come within the time in which nothing is told anew
  const told: number[] = [];
  function Drawn() {
    const { found } = useGroups();
    const count = found?.groups.length ?? 0;
    if (told.at(-1) !== count) told.push(count);
    return null;
  }
  root = createRoot(document.createElement("div"));
  flushSync(() => root.render(createElement(Drawn)));
  await vi.waitFor(() => expect(told.at(-1)).toBe(2 * PAGES));
  expect(told).toEqual([0, 2, 2 * PAGES]);
});
