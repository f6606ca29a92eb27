import { expect, test } from "vitest";

import { EMPTY, MOST, isEmpty, questionOf, readCrop, readView, sayView, type View } from "./query.ts";

const address = (view: View) =>
  new URLSearchParams(
    Object.entries(sayView(view)).flatMap(([name, value]) => (value ? [[name, String(value)]] : [])),
  ).toString();

const full: View = {
  text: 'dog:2 "in snow" -people',
  picture: { kind: "id", id: "kq3v5n2xwz7dymbt" },
  crop: [0.25, 0, 0.5, 1],
  mode: "all",
  where: "label:dog width>=1000",
  sort: "newest",
  least: 50,
  most: 200,
  hit: "aaaaaaaaaaaaaaaa",
};

test("a view survives the address", () => {
  for (const view of [
    full,
    EMPTY,
    { ...full, picture: { kind: "url", url: "https://example.org/a b.jpg?x=1&y=2" } as const },
    { ...full, picture: { kind: "file", key: "k3y" } as const },
  ]) {
    expect(readView(new URLSearchParams(address(view)))).toEqual(view);
  }
});

test("what goes without saying is not said", () => {
  expect(address(EMPTY)).toBe("");
  expect(address({ ...EMPTY, text: "dog" })).toBe("text=dog");
});

test.each(["", "1,2", "0,0,0,1", "0.5,0.5,0.6,0.2", "a,b,c,d", "0,0,1,1,1", "-0.1,0,0.5,0.5"])("%j is no region", (text) => {
  expect(readCrop(text)).toBeNull();
});

test("nonsense in the address falls back to what goes without saying", () => {
  const view = readView(new URLSearchParams("sort=odd&least=many&most=-3&mode=x&crop=0,0,1,1"));
  expect(view).toEqual({ ...EMPTY, most: 1 });
  expect(readView(new URLSearchParams("most=999999999")).most).toBe(MOST);
});

test("how answers are shown is no part of the question", () => {
  expect(questionOf(full)).toBe(questionOf({ ...full, sort: "best", least: 0, most: 20, hit: "" }));
  expect(questionOf(full)).not.toBe(questionOf({ ...full, where: "" }));
});

test("blank words ask nothing", () => {
  expect([isEmpty({ ...EMPTY, text: "  " }), isEmpty({ ...EMPTY, text: "a" }), isEmpty(full)]).toEqual([true, false, false]);
});
