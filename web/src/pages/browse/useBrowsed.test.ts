import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";

import type { Image } from "../../api/client.ts";
import { note, present } from "../../change/changes.ts";
import { NOTHING, countPlaces, step, useBrowsed } from "./useBrowsed.ts";

afterEach(() => vi.unstubAllGlobals());

const image = (id: string, title = "") => ({ id, title }) as Image;
const none: ReadonlySet<string> = new Set();
const first = step(NOTHING, { kind: "page", images: [image("a"), image("b")], cursor: "x", isFirst: true, moving: none });

test("a page that overlaps the one before adds only what is new", () => {
  const next = step(first, { kind: "page", images: [image("b"), image("c")], cursor: "", isFirst: false, moving: none });
  expect(next.images?.map((one) => one.id)).toEqual(["a", "b", "c"]);
  expect(next.cursor).toBe("");
});

test("what was deleted stays in its place, for the case that it comes back", () => {
  const gone = step(first, { kind: "gone", ids: ["a"] });
  expect([...gone.gone]).toEqual(["a"]);
  expect(gone.images).toHaveLength(2);
  expect(step(gone, { kind: "back", ids: ["a"] }).gone.size).toBe(0);
});

test("what was deleted has a place in the list until that comes anew", () => {
  const gone = step(first, { kind: "gone", ids: ["a"] });
  expect(countPlaces(gone, ["a", "b"])).toBe(1);
  expect(countPlaces(step(gone, { kind: "ask", list: "", anew: true }), ["a"])).toBe(0);
  expect(countPlaces(step(gone, { kind: "page", images: [image("b")], cursor: "", isFirst: true, moving: none }), ["a"])).toBe(0);
});

test("what is still being deleted stays away, though a list that comes meanwhile holds it", () => {
  const again = step(first, { kind: "page", images: [image("a"), image("b")], cursor: "", isFirst: true, moving: new Set(["a"]) });
  expect([[...again.gone], countPlaces(again, ["a"])]).toEqual([["a"], 1]);
});

test("a change replaces the picture where it stands", () => {
  const changed = step(first, { kind: "change", images: [image("b", "new"), image("elsewhere")] });
  expect(changed.images?.map((one) => one.title)).toEqual(["", "new"]);
});

test("a failure keeps what is there, and the first page of another question clears it", () => {
  const failed = step(step(first, { kind: "ask", list: "", anew: false }), { kind: "fail", error: "no" });
  expect([failed.images?.length, failed.error, failed.isAsking]).toEqual([2, "no", false]);
  expect(step(failed, { kind: "ask", list: "", anew: true }).images).toBeNull();
});

test("where all that is loaded was deleted, the next ones come by themselves", async () => {
  const pages: Record<string, object> = { "": { images: [image("a"), image("b")], cursor: "x" }, x: { images: [image("c")], cursor: "" } };
  vi.stubGlobal("fetch", ({ url }: Request) => Promise.resolve(Response.json(pages[new URL(url).searchParams.get("cursor") ?? ""])));
  const now: { shown?: ReturnType<typeof useBrowsed> } = {};
  function Drawn() {
    now.shown = useBrowsed("", "-added");
    return null;
  }
  const root = createRoot(document.createElement("div"));
  flushSync(() => root.render(createElement(Drawn)));
  await vi.waitFor(() => expect(now.shown?.images).toHaveLength(2));
  flushSync(() => now.shown?.take({ kind: "gone", ids: ["a", "b"] }));
  await vi.waitFor(() => expect(now.shown?.images?.map(({ id }) => id)).toEqual(["c"]));
  flushSync(() => root.unmount());
});

test("a list that is come back to knows what was done meanwhile, and goes on where it was left", () => {
  const left = step(step(first, { kind: "gone", ids: ["b"] }), { kind: "ask", list: "", anew: false });
  const at = present();
  note({ kind: "back", ids: ["b"] });
  note({ kind: "gone", ids: ["a"] });
  note({ kind: "change", images: [image("b", "new")] });
  const again = step(NOTHING, { kind: "return", browsed: left, at });
  expect([[...again.gone], again.images?.[1]?.title, again.cursor, again.isAsking]).toEqual([["a"], "new", "x", false]);
});
