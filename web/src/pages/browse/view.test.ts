import { expect, test } from "vitest";

import { readPlace } from "./view.ts";

const read = (address: string) => readPlace(new URLSearchParams(address));

test("an address that somebody broke by hand leads to the beginning, in the usual order", () => {
  for (const from of ["abc", "9999", "20211", "-1", "2021..2022", ""]) expect(read(`from=${from}&order=nosuch`)).toMatchObject({ from: "", order: "added" });
  expect([read("from=2021").from, read("from=none").from, read("from=1899").from]).toEqual(["2021", "none", "1899"]);
});
