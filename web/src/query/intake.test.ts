import { beforeEach, expect, test } from "vitest";

import { fromAddress, fromTransfer, holdsFolder, isMeantAsAddress, isText, picturesIn } from "./intake.ts";

const ID = "kq3v5n2xwz7dymbt";

beforeEach(() => history.replaceState(null, "", "/"));

test.each([
  ["https://example.org/cat.jpg", "https://example.org/cat.jpg"],
  ["  http://example.org/cat.jpg\nsecond line", "http://example.org/cat.jpg"],
  ["example.org/cats/1.jpg", "https://example.org/cats/1.jpg"],
])("%j is the address of a picture", (text, url) => {
  expect(fromAddress(text)).toEqual({ kind: "url", url });
});

test.each(["dogs in snow", "", "ftp://x/y.jpg", "label:dog/cat", "javascript:alert(1)", "data:text/html,x", "http://", "cat.jpg"])(
  "%j is none",
  (text) => {
    expect(fromAddress(text)).toBeNull();
  },
);

test("an address of one of our own pictures is known by its id", () => {
  for (const path of [`/v1/images/${ID}/thumbnail?size=512`, `/?id=${ID}&crop=0,0,1,1`, `/?text=a&hit=${ID}`, `/?id=${"a".repeat(16)}&hit=${ID}`]) {
    expect(fromAddress(location.origin + path)).toEqual({ kind: "id", id: ID });
    expect(fromAddress(`https://elsewhere.example${path}`)?.kind).toBe("url");
  }
});

test("a picture within a data-URI is taken as a file", () => {
  expect(fromAddress("data:image/png;base64,iVBORw0KGgo=")?.kind).toBe("file");
  expect(fromAddress("data:image/png,odd")).toBeNull();
});

function transfer(files: File[], texts: Record<string, string> = {}): DataTransfer {
  return { files, getData: (type: string) => texts[type] ?? "" } as unknown as DataTransfer;
}

test("a file comes before an address, but for one of our own pictures", () => {
  const file = new File(["x"], "x.png", { type: "image/png" });
  expect(fromTransfer(transfer([file], { "text/uri-list": "https://example.org/a.png" }))?.kind).toBe("file");
  const own = { "text/uri-list": `${location.origin}/?id=${ID}` };
  expect(fromTransfer(transfer([file], own))).toEqual({ kind: "id", id: ID });
});

test("what is no picture is not taken for one", () => {
  expect(fromTransfer(transfer([new File(["x"], "x.pdf", { type: "application/pdf" })]))).toBeNull();
  expect(fromTransfer(transfer([], { "text/plain": "hello" }))).toBeNull();
});

test("what begins as an address does is meant as one, even where it is none; words are not", () => {
  expect(["http://", "https://no such host/a b.jpg", "ftp://x/y.jpg", "data:image/png,odd"].filter(isMeantAsAddress)).toHaveLength(4);
  expect(["dogs", "label:dog", "path:a/b", "is it http://?"].filter(isMeantAsAddress)).toEqual([]);
});

test("text with a picture of it beside is text, as from a spreadsheet; a file that is named beside is a file", () => {
  const picture = new File(["x"], "image.png", { type: "image/png" });
  const named = new File(["x"], "cat.png", { type: "image/png" });
  expect(isText(transfer([picture], { "text/plain": "12\t13" }))).toBe(true);
  expect(isText(transfer([], { "text/plain": "dogs" }))).toBe(true);
  expect(isText(transfer([picture]))).toBe(false);
  expect(isText(transfer([named], { "text/plain": "file:///home/ann/cat.png\n" }))).toBe(false);
});

test("of several files that are dropped, those that may be pictures are counted", () => {
  const files = ["image/png", "text/plain", "", "image/jpeg"].map((type, n) => new File(["x"], `${n}`, { type }));
  expect(picturesIn(transfer(files)).map(({ name }) => name)).toEqual(["0", "2", "3"]);
});

test("a folder is known among what is dropped, and is no picture", () => {
  const item = (isDirectory: boolean) => ({ kind: "file", webkitGetAsEntry: () => ({ isDirectory }) });
  const dropped = (...items: object[]) => ({ items }) as unknown as DataTransfer;
  expect([holdsFolder(dropped(item(false), item(true))), holdsFolder(dropped(item(false))), holdsFolder(dropped({ kind: "string" }))]).toEqual([true, false, false]);
});
