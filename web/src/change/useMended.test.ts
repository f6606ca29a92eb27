import { expect, test } from "vitest";

import type { Hit, Image } from "../api/client.ts";
import { mended } from "./useMended.ts";

const hits = [{ id: "a", title: "", rank: 1 }, { id: "b", title: "", rank: 2 }] as Hit[];

test("a hit that was written about stays the hit that it is", () => {
  const changed = new Map([["b", { id: "b", title: "new" } as Image]]);
  expect(mended(hits, { changed, gone: new Set() })).toEqual([hits[0], { id: "b", title: "new", rank: 2 }]);
});

test("what is gone is left out, and without any change nothing is drawn anew", () => {
  expect(mended(hits, { changed: new Map(), gone: new Set(["a"]) }).map(({ id }) => id)).toEqual(["b"]);
  expect(mended(hits, { changed: new Map(), gone: new Set() })).toBe(hits);
});
