import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";

import type { Job } from "./jobs.ts";
import { useJobs } from "./useJobs.ts";

afterEach(() => vi.unstubAllGlobals());

test("a job that has just begun stays there, though the list was asked for before", async () => {
  const asked: ((response: Response) => void)[] = [];
  vi.stubGlobal("fetch", () => new Promise<Response>((resolve) => asked.push(resolve)));
  const now: { shown?: ReturnType<typeof useJobs> } = {};
  function Drawn() {
    now.shown = useJobs();
    return null;
  }
  const root = createRoot(document.createElement("div"));
  flushSync(() => root.render(createElement(Drawn)));
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  flushSync(() => now.shown?.add({ id: "b", state: "running" } as Job));
  flushSync(() => now.shown?.add({ id: "c", state: "running" } as Job));
  asked[0]?.(Response.json({ jobs: [{ id: "b", state: "waiting" }, { id: "a", state: "done" }] }));
  await vi.waitFor(() => expect(now.shown?.jobs.map(({ id, state }) => `${id} ${state}`)).toEqual(["c running", "b running", "a done"]));
  flushSync(() => root.unmount());
});
