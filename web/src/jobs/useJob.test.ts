import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";

import type { Job } from "./jobs.ts";
import { useJob } from "./useJob.ts";

afterEach(() => vi.unstubAllGlobals());

const job = (state: Job["state"]) => ({ id: "a", kind: "index", state, done: 0, total: null }) as Job;

/** Give a function that draws a job as it is known elsewhere, and gives the state shown and how often its end was told. */
function drawing() {
  const root = createRoot(document.createElement("div"));
  const now = { state: "", ends: 0 };
  function Drawn({ first }: { first: Job }) {
    now.state = useJob(first, () => (now.ends += 1)).job.state;
    return null;
  }
  return (first: Job) => {
    flushSync(() => root.render(createElement(Drawn, { first })));
    return now;
  };
}

test("the end is told once where only asking now and then learns of it, as events are silent", async () => {
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
  const draw = drawing();
  draw(job("waiting"));
  expect(draw(job("running"))).toEqual({ state: "running", ends: 0 });
  draw(job("done"));
  await vi.waitFor(() => expect(draw(job("done"))).toEqual({ state: "done", ends: 1 }));
});

test("the end is told once where events tell it first", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(`id: 1\nevent: done\ndata: ${JSON.stringify(job("done"))}\n\n`)));
  const draw = drawing();
  await vi.waitFor(() => expect(draw(job("running"))).toEqual({ state: "done", ends: 1 }));
  expect(draw(job("done"))).toEqual({ state: "done", ends: 1 });
});

test("of a job that was over before, no end is told", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new Error("nobody need ask")));
  const draw = drawing();
  draw(job("failed"));
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(draw(job("failed"))).toEqual({ state: "failed", ends: 0 });
});
