import { expect, test } from "vitest";

import { EMPTY, MOST, isByWords, isEmpty, modesFor, questionOf, readCrop, readView, sayView, type View } from "./query.ts";

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

test("a region drawn to the edge stays within the picture, however it is rounded, and survives the address", () => {
  for (let place = 0; place < 1; place += 0.00173) {
    const view: View = { ...full, crop: [place, place, 1 - place, 1 - place] };
    const { crop } = readView(new URLSearchParams(address(view)));
    const [x = 2, y = 2, width = 2, height = 2] = crop ?? [];
    expect(Math.max(x + width, y + height)).toBeLessThanOrEqual(1 + 1e-9);
    expect(Math.min(x + width, y + height, width * 1000, height * 1000)).toBeGreaterThan(0.998);
  }
  expect(readCrop("0.501,0,0.5,1")).toEqual([0.501, 0, 0.499, 1]);
});

test("nonsense in the address falls back to what goes without saying", () => {
  const view = readView(new URLSearchParams("sort=odd&least=many&most=-3&mode=x&crop=0,0,1,1"));
  expect(view).toEqual({ ...EMPTY, most: 1 });
  expect(readView(new URLSearchParams("most=999999999")).most).toBe(MOST);
});

test("the looks alone are no longer searched with where words are added, also by an old link", () => {
  const looks: View = { ...EMPTY, picture: { kind: "id", id: "a" }, mode: "picture" };
  expect(readView(new URLSearchParams(address(looks))).mode).toBe("picture");
  expect(address({ ...looks, text: "dog" })).toBe("id=a&text=dog");
  expect(readView(new URLSearchParams("id=a&text=dog&mode=picture")).mode).toBe("auto");
  expect([modesFor(looks).length, modesFor({ text: " " }).length, modesFor({ text: "dog" })]).toEqual([4, 4, ["auto", "caption", "all"]]);
});

test("how answers are shown is no part of the question", () => {
  expect(questionOf(full)).toBe(questionOf({ ...full, sort: "best", least: 0, most: 20, hit: "" }));
  expect(questionOf(full)).not.toBe(questionOf({ ...full, where: "" }));
});

test("blank words ask nothing", () => {
  expect([isEmpty({ ...EMPTY, text: "  " }), isEmpty({ ...EMPTY, text: "a" }), isEmpty(full)]).toEqual([true, false, false]);
});

test("a picture is searched with by words where its description is", () => {
  const looks: View = { ...EMPTY, picture: { kind: "id", id: "a" } };
  expect([looks, { ...looks, mode: "caption" } as View, { ...looks, text: "dog" }, EMPTY].map(isByWords)).toEqual([false, true, true, false]);
});
