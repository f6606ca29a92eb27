import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { expect, test } from "vitest";

import type { Hit, Image } from "../api/client.ts";
import { note } from "./changes.ts";
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
  const now: { shown: readonly Hit[] } = { shown: [] };
  function Drawn({ items, answer }: { items: readonly Hit[]; answer: object }) {
    now.shown = useMended(items, answer);
    return null;
  }
  return (items: readonly Hit[], answer: object) => {
    flushSync(() => root.render(createElement(Drawn, { items, answer })));
    return now;
  };
}

test("what was changed and deleted stays so while further pages of an answer come, and the next answer knows better", () => {
  const draw = drawing();
  const [first, second] = [{}, {}];
  const now = draw(hits, first);
  flushSync(() => note({ kind: "change", images: [{ id: "b", title: "new" } as Image] }));
  flushSync(() => note({ kind: "gone", ids: ["a"] }));
  expect(now.shown.map(({ title }) => title)).toEqual(["new"]);
  const more = [...hits, { id: "c", title: "", rank: 3 } as Hit];
  expect(draw(more, first).shown.map(({ title }) => title)).toEqual(["new", ""]);
  const other = hits.map((one) => ({ ...one, title: "newer" }));
  expect(draw(other, second).shown).toEqual(other);
});

test("an answer that is come back to knows what was done while another was looked at", () => {
  const draw = drawing();
  const [first, second] = [{}, {}];
  draw(hits, first);
  note({ kind: "gone", ids: ["a", "b"] });
  draw([], second);
  note({ kind: "back", ids: ["b"] });
  note({ kind: "change", images: [{ id: "b", title: "new" } as Image] });
  expect(draw(hits, first).shown).toEqual([{ id: "b", title: "new", rank: 2 }]);
});

test("what is being deleted is left out of the next answer, too, which may still hold it", async () => {
  const draw = drawing();
  draw(hits, {});
  let end = () => {};
  const deleting = whileMoving(["a"], () => new Promise<void>((resolve) => (end = resolve)));
  expect(draw([...hits], {}).shown.map(({ id }) => id)).toEqual(["b"]);
  end();
  await deleting;
  expect(draw([...hits], {}).shown).toHaveLength(2);
});
