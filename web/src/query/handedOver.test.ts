import { beforeEach, expect, test } from "vitest";

import { takeHandedOver } from "./handedOver.ts";

beforeEach(() => history.replaceState(null, "", "/app/"));

test("a picture behind the # is searched with, and leaves the address", () => {
  history.replaceState(null, "", "/app/#data:image/png;base64,iVBORw0KGgo=");
  takeHandedOver();
  expect(location.hash).toBe("");
  expect(location.search).toMatch(/^\?picture=\w+$/);
});

test("what is no picture is no query", () => {
  for (const wrong of ["%%%", "a=b", ""]) {
    history.replaceState(null, "", `/app/#data:image/png;base64,${wrong}`);
    takeHandedOver();
    expect([location.hash, location.search]).toEqual(["", ""]);
  }
  history.replaceState(null, "", "/app/#elsewhere");
  takeHandedOver();
  expect(location.hash).toBe("#elsewhere");
});
