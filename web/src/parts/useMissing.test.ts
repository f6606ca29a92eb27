import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { expect, test } from "vitest";

import { sayLogin } from "../api/client.ts";
import { useMissing } from "./useMissing.ts";

test("a picture that could not be had is asked for once more after somebody has signed in", () => {
  const root = createRoot(document.createElement("div"));
  const now: { hook?: ReturnType<typeof useMissing> } = {};
  function Drawn() {
    now.hook = useMissing();
    return null;
  }
  flushSync(() => root.render(createElement(Drawn)));
  for (let n = 0; n < 2; n += 1) {
    flushSync(() => now.hook?.onMissing());
    expect(now.hook?.isMissing).toBe(true);
    flushSync(() => sayLogin(true));
    expect(now.hook?.isMissing).toBe(false);
  }
});
