import { expect, test } from "vitest";

import { en } from "../messages/en/index.ts";
import { tell } from "../parts/Notice.tsx";
import { checkReadable, Unreadable } from "./unreadable.ts";
import { unreadableFile } from "./unreadable.testing.ts";

test("a file that can be read passes, also an empty one", async () => {
  for (const content of ["x", ""]) await expect(checkReadable(new File([content], "a"))).resolves.toBeUndefined();
});

test("one that cannot be read any more is told to be so, and not that the service were silent", async () => {
  const error: unknown = await checkReadable(unreadableFile()).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Unreadable);
  expect(tell(error, en)).toMatchObject({ title: "This file cannot be read any more", fix: "Choose it again.", mayPass: false });
});
