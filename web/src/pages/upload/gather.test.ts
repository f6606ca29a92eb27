import { expect, test } from "vitest";

import { droppedFiles, isPicture, sorted } from "./gather.ts";

test.each([
  ["cat.jpg", "image/jpeg", true],
  ["IMG_1.HEIC", "", true],
  ["raw.NEF", "application/octet-stream", true],
  ["drawing.svg", "image/svg+xml", false],
  ["notes.txt", "text/plain", false],
  ["._cat.jpg", "image/jpeg", false],
])("%s (%s) is a picture: %s", (name, type, expected) => {
  expect(isPicture({ name, type })).toBe(expected);
});

test("what is no picture is counted, and not sent", () => {
  const files = [new File([""], "a.png", { type: "image/png" }), new File([""], "b.pdf"), new File([""], ".DS_Store")];
  const { pictures, others } = sorted(files);
  expect([pictures.map(({ name }) => name), others]).toEqual([["a.png"], 2]);
});

const fileEntry = (name: string) => ({ isFile: true, isDirectory: false, file: (found: (file: File) => void) => found(new File([name], name)) });
const lockedEntry = { isFile: true, isDirectory: false, file: (_: unknown, failed: (error: Error) => void) => failed(new Error("locked")) };

/** A folder that gives its entries in runs; where one is null, it cannot be read on. */
const folder = (...runs: (readonly unknown[] | null)[]) => ({
  isFile: false,
  isDirectory: true,
  createReader: () => {
    const left = [...runs, []];
    const readEntries = (found: (run: readonly unknown[]) => void, failed: (error: Error) => void) => {
      const run = left.shift();
      if (run) found(run);
      else failed(new Error("locked"));
    };
    return { readEntries };
  },
});

/** Drop entries; gives the names of the files that are found, and how many things could not be read. */
async function dropping(...entries: unknown[]) {
  const items = entries.map((entry) => ({ kind: "file", webkitGetAsEntry: () => entry }));
  const { files, unread } = await droppedFiles({ items, files: [] } as unknown as DataTransfer);
  return [files.map(({ name }) => name), unread] as const;
}

test("folders are searched to the bottom, in as many runs as they come", async () => {
  const dropped = folder([fileEntry("a.jpg")], [folder([fileEntry("b.jpg")]), fileEntry("c.jpg")]);
  expect(await dropping(dropped, fileEntry("d.jpg"))).toEqual([["a.jpg", "b.jpg", "c.jpg", "d.jpg"], 0]);
});

test("what cannot be read is counted, and all else is found", async () => {
  const dropped = folder([lockedEntry, fileEntry("a.jpg"), folder([fileEntry("b.jpg")], null), fileEntry("c.jpg")]);
  expect(await dropping(dropped)).toEqual([["a.jpg", "b.jpg", "c.jpg"], 2]);
});

test("what lies too deep is counted, too", async () => {
  let dropped = folder([fileEntry("a.jpg")]);
  for (let depth = 0; depth < 40; depth += 1) dropped = folder([dropped, fileEntry(`${depth}.jpg`)]);
  const [names, unread] = await dropping(dropped);
  expect([names.length, unread]).toEqual([32, 1]);
});
