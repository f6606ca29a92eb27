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

test("folders are searched to the bottom, in as many runs as they come", async () => {
  const fileEntry = (name: string) => ({ isFile: true, isDirectory: false, file: (found: (file: File) => void) => found(new File([name], name)) });
  const folder = (...runs: unknown[][]) => ({
    isFile: false,
    isDirectory: true,
    createReader: () => {
      const left = [...runs, []];
      return { readEntries: (found: (run: unknown[]) => void) => found(left.shift() ?? []) };
    },
  });
  const dropped = folder([fileEntry("a.jpg")], [folder([fileEntry("b.jpg")]), fileEntry("c.jpg")]);
  const items = [{ kind: "file", webkitGetAsEntry: () => dropped }];
  const files = await droppedFiles({ items, files: [] } as unknown as DataTransfer);
  expect(files.map(({ name }) => name)).toEqual(["a.jpg", "b.jpg", "c.jpg"]);
});
