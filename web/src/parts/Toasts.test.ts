import { expect, test } from "vitest";

import { withToast } from "./Toasts.tsx";

const said = (key: number) => ({ key, text: String(key) });
const undoable = (key: number) => ({ ...said(key), action: { label: "Undo", run: () => undefined } });
const keys = (toasts: readonly { key: number }[]) => toasts.map(({ key }) => key);

test("of toasts that only say something the last three stay", () => {
  expect(keys([1, 2, 3, 4, 5].map(said).reduce(withToast, [] as ReturnType<typeof withToast>))).toEqual([3, 4, 5]);
});

test("none that can be undone is pushed out, neither by others nor by such", () => {
  const all = [undoable(1), said(2), undoable(3), said(4), said(5), ...[6, 7, 8, 9, 10].map(undoable), said(11)];
  expect(keys(all.reduce(withToast, [] as ReturnType<typeof withToast>))).toEqual([1, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test("one that stands for another takes its place", () => {
  expect(keys(withToast([said(1), said(2)], { ...undoable(3), instead: 1 }))).toEqual([2, 3]);
});
