import { beforeEach, expect, test } from "vitest";

import { forgetAll } from "../../query/kept.ts";
import { keepChoices, readChoices } from "./decisions.ts";
import { UNDECIDED, type Choices } from "./keeping.ts";

beforeEach(() => sessionStorage.clear());

const decided: Choices = { rule: "oldest", folders: ["/albums/"], keep: new Set(["a"]), staying: new Set(["b", "c"]), aside: new Map([["d", true], ["e", false]]) };

test("what was decided is there again after the page was left", () => {
  keepChoices(decided);
  expect(readChoices()).toEqual(decided);
});

test("nothing is decided at first, nor by who comes after somebody who left", async () => {
  expect(readChoices()).toEqual(UNDECIDED);
  keepChoices(decided);
  await forgetAll(); // though there is no IndexedDB here
  expect(readChoices()).toEqual(UNDECIDED);
});
