import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { expect, test, vi } from "vitest";

import { ALL, loadedOf, useGathering } from "./useGathering.ts";

const ids = ["a", "b", "c", "d"];
const runs = [{ key: "1", from: 0, count: 1 }, { key: "2", from: 1, count: 3 }];

test("only the last run, and the whole list, may hold more than is loaded", () => {
  expect(loadedOf("a", { ids, runs, goesOn: true })).toEqual({ ids: ["a"], goesOn: false });
  expect(loadedOf("b", { ids, runs, goesOn: true })).toEqual({ ids: ["b", "c", "d"], goesOn: true });
  expect(loadedOf("b", { ids, runs, goesOn: false }).goesOn).toBe(false);
  expect(loadedOf(ALL, { ids, runs, goesOn: true })).toEqual({ ids, goesOn: true });
});

test("of a run whose beginning was deleted meanwhile nothing is chosen", () => {
  expect(loadedOf("gone", { ids, runs, goesOn: true })).toEqual({ ids: [], goesOn: false });
});

/** Draw a list of so many pages of two, all but the first of which come when they are asked for. */
function gathering(pages: number) {
  const root = createRoot(document.createElement("div"));
  const all = Array.from({ length: 2 * pages }, (_, n) => `${n}`);
  const now = { there: 1, asked: 0, chosen: [] as string[], list: "one", error: null as unknown };
  const onCome = (some: readonly string[]) => now.chosen.push(...some);
  const more = () => (now.asked += 1);
  let hook: ReturnType<typeof useGathering> | undefined;
  function Drawn({ there, list, error }: typeof now) {
    hook = useGathering({ list, ids: all.slice(0, 2 * there), runs: [], goesOn: there < pages, isAsking: false, error, more, onCome });
    return null;
  }
  const draw = () => flushSync(() => root.render(createElement(Drawn, { ...now })));
  draw();
  return { now, draw, hook: () => hook as ReturnType<typeof useGathering> };
}

test("the rest is asked for page after page, and each picture is told once", async () => {
  const { now, draw, hook } = gathering(3);
  flushSync(() => hook().gather(ALL));
  expect([now.chosen, hook().isGathering]).toEqual([["0", "1"], true]);
  for (now.there = 2; now.there <= 3; now.there += 1) draw();
  await vi.waitFor(() => expect([now.chosen.join(""), hook().isGathering]).toEqual(["012345", false]));
});

test("it ends where somebody stops it, where a page fails, and with the list", () => {
  const ends = [
    ({ hook }: ReturnType<typeof gathering>) => hook().stop(),
    ({ now }: ReturnType<typeof gathering>) => (now.error = new Error("no")),
    ({ now }: ReturnType<typeof gathering>) => (now.list = "other"),
  ];
  for (const end of ends) {
    const drawn = gathering(3);
    flushSync(() => drawn.hook().gather(ALL));
    flushSync(() => void end(drawn));
    drawn.draw();
    const { asked } = drawn.now;
    drawn.now.there = 2;
    drawn.draw();
    expect([drawn.hook().isGathering, drawn.now.asked]).toEqual([false, asked]);
  }
});

test("where a page fails it says that not all is chosen, until it goes on from there or somebody lets it be", async () => {
  const { now, draw, hook } = gathering(3);
  const fail = (error: unknown) => {
    now.error = error;
    draw();
  };
  flushSync(() => hook().gather(ALL));
  fail(new Error("no"));
  await vi.waitFor(() => expect([hook().isGathering, hook().brokeOff]).toEqual([false, true]));
  fail(null);
  flushSync(() => hook().goOn());
  expect([hook().isGathering, hook().brokeOff]).toEqual([true, false]);
  for (now.there = 2; now.there <= 3; now.there += 1) draw();
  await vi.waitFor(() => expect([now.chosen.join(""), hook().isGathering, hook().brokeOff]).toEqual(["012345", false, false]));
  now.there = 1;
  flushSync(() => hook().gather(ALL));
  fail(new Error("no"));
  flushSync(() => hook().stop());
  expect(hook().brokeOff).toBe(false);
});
