import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";

import type { Job } from "./jobs.ts";
import { useJob } from "./useJob.ts";

const roots: Root[] = [];
afterEach(() => {
  flushSync(() => roots.splice(0).forEach((root) => root.unmount()));
  vi.unstubAllGlobals();
});

const job = (state: Job["state"], failed = 0) => ({ id: "a", kind: "index", state, done: 0, failed, total: null }) as Job;

const never = () => new Promise<Response>(() => undefined);
const isStream = (url: string) => url.endsWith("/events");
const serving = (answer: (url: string) => Promise<Response>) =>
  vi.stubGlobal("fetch", (asked: Request | URL | string, init?: RequestInit) => {
    const [url, signal] = asked instanceof Request ? [asked.url, asked.signal] : [String(asked), init?.signal];
    const left = new Promise<Response>((_, reject) => signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError"))));
    return Promise.race([answer(url), left]);
  });

/** Give a function that draws a job as it is known elsewhere, and gives the state shown and how often its end was told. */
function drawing(onFailures?: (paths: string[]) => void) {
  const root = createRoot(document.createElement("div"));
  roots.push(root);
  const now = { state: "", ends: 0 };
  function Drawn({ first }: { first: Job }) {
    const { job, failures } = useJob(first, () => (now.ends += 1));
    now.state = job.state;
    onFailures?.(failures.map(({ path }) => path));
    return null;
  }
  return (first: Job) => {
    flushSync(() => root.render(createElement(Drawn, { first })));
    return now;
  };
}

/** A stream, as the service tells what happened in a job of which some failed. */
const told = (...events: readonly (readonly [string, unknown])[]) =>
  new Response(events.map(([event, data], n) => `id: ${n + 1}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join(""));
const failing = (path: string) => ["outcome", { path, outcome: "unreadable", reason: "" }] as const;

test("the end is told once where only asking now and then learns of it, as events are silent", async () => {
  serving(never);
  const draw = drawing();
  draw(job("waiting"));
  expect(draw(job("running"))).toEqual({ state: "running", ends: 0 });
  draw(job("done"));
  await vi.waitFor(() => expect(draw(job("done"))).toEqual({ state: "done", ends: 1 }));
});

test("the end is told once where events tell it first", async () => {
  serving((url) => (isStream(url) ? Promise.resolve(new Response(`id: 1\nevent: done\ndata: ${JSON.stringify(job("done"))}\n\n`)) : never()));
  const draw = drawing();
  await vi.waitFor(() => expect(draw(job("running"))).toEqual({ state: "done", ends: 1 }));
  expect(draw(job("done"))).toEqual({ state: "done", ends: 1 });
});

test("a job that waits is asked for, and streamed once it runs", async () => {
  const asked: string[] = [];
  serving((url) => {
    asked.push(isStream(url) ? "stream" : "ask");
    return isStream(url) ? Promise.reject(new DOMException("", "AbortError")) : Promise.resolve(Response.json(job("running")));
  });
  drawing()(job("waiting"));
  await vi.waitFor(() => expect(asked).toEqual(["ask", "stream"]));
});

test("of many jobs that run two are streamed, and the others asked for, so that connections are left", async () => {
  let [streams, asks] = [0, 0];
  serving((url) => {
    if (isStream(url)) streams += 1;
    else asks += 1;
    return never();
  });
  for (let n = 0; n < 6; n += 1) drawing()(job("running"));
  await vi.waitFor(() => expect([streams, asks]).toEqual([2, 4]));
});

test("what failed is told of a job that was over before its events could be heard, and its end once", async () => {
  let streams = 0;
  serving((url) => {
    if (!isStream(url)) return Promise.resolve(Response.json(job("done", 2)));
    streams += 1;
    return Promise.resolve(told(["progress", job("running")], failing("a"), failing("b"), ["done", job("done", 2)]));
  });
  const seen = vi.fn();
  const draw = drawing(seen);
  const now = draw(job("waiting"));
  await vi.waitFor(() => expect(seen).toHaveBeenLastCalledWith(["b", "a"]));
  expect(now).toEqual({ state: "done", ends: 1 });
  expect(streams).toBe(1);
});

test("what failed is told once of a job whose events were heard to their end", async () => {
  const asked: string[] = [];
  serving((url) => {
    asked.push(isStream(url) ? "stream" : "ask");
    return Promise.resolve(isStream(url) ? told(failing("a"), failing("b"), ["done", job("done", 2)]) : Response.json(job("done", 2)));
  });
  const seen = vi.fn();
  drawing(seen)(job("running"));
  await vi.waitFor(() => expect(asked).toEqual(["stream", "ask"]));
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(asked).toEqual(["stream", "ask"]);
  expect(seen).toHaveBeenLastCalledWith(["b", "a"]);
});

test("what failed is told of a job that was over before anybody looked, and no end", async () => {
  serving((url) => (isStream(url) ? Promise.resolve(told(failing("a"), failing("b"), ["done", job("done", 2)])) : never()));
  const seen = vi.fn();
  const now = drawing(seen)(job("done", 2));
  await vi.waitFor(() => expect(seen).toHaveBeenLastCalledWith(["b", "a"]));
  expect(now).toEqual({ state: "done", ends: 0 });
});

test("of a job that was over before, no end is told", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new Error("nobody need ask")));
  const draw = drawing();
  draw(job("failed"));
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(draw(job("failed"))).toEqual({ state: "failed", ends: 0 });
});
