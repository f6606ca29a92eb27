import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { expect, test } from "vitest";

import type { Hit, Image } from "../api/client.ts";
import { whileMoving } from "./moving.ts";
import { mended, useMended } from "./useMended.ts";

const hits = [{ id: "a", title: "", rank: 1 }, { id: "b", title: "", rank: 2 }] as Hit[];

test("a hit that was written about stays the hit that it is", () => {
  const changed = new Map([["b", { id: "b", title: "new" } as Image]]);
  expect(mended(hits, { changed, gone: new Set() })).toEqual([hits[0], { id: "b", title: "new", rank: 2 }]);
});

test("what is gone is left out, and without any change nothing is drawn anew", () => {
  expect(mended(hits, { changed: new Map(), gone: new Set(["a"]) }).map(({ id }) => id)).toEqual(["b"]);
  expect(mended(hits, { changed: new Map(), gone: new Set() })).toBe(hits);
});

/** Give a function that draws hits of an answer, and gives what is shown of them. */
function drawing() {
  const root = createRoot(document.createElement("div"));
  const now: { shown?: ReturnType<typeof useMended<Hit>> } = {};
  function Drawn({ items, answer }: { items: readonly Hit[]; answer: string }) {
    now.shown = useMended(items, answer);
    return null;
  }
  return (items: readonly Hit[], answer: string) => {
    flushSync(() => root.render(createElement(Drawn, { items, answer })));
    return now as Required<typeof now>;
  };
}

test("what was changed and deleted stays so while further pages of an answer come, and the next answer knows better", () => {
  const draw = drawing();
  const now = draw(hits, "first");
  flushSync(() => now.shown.onChanged([{ id: "b", title: "new" } as Image]));
  flushSync(() => now.shown.onGone(["a"]));
  const more = [...hits, { id: "c", title: "", rank: 3 } as Hit];
  expect(draw(more, "first").shown.items.map(({ title }) => title)).toEqual(["new", ""]);
  const other = hits.map((one) => ({ ...one, title: "newer" }));
  expect(draw(other, "second").shown.items).toEqual(other);
});

test("what is being deleted is left out of the next answer, too, which may still hold it", async () => {
  const draw = drawing();
  draw(hits, "first");
  let end = () => {};
  const deleting = whileMoving(["a"], () => new Promise<void>((resolve) => (end = resolve)));
  expect(draw([...hits], "second").shown.items.map(({ id }) => id)).toEqual(["b"]);
  end();
  await deleting;
  expect(draw([...hits], "third").shown.items).toHaveLength(2);
});
