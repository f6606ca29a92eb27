import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";

import { useLatest } from "./useLatest.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("pictures that come in wait while one is opened, so that one can go on from it", async () => {
  vi.useFakeTimers();
  let count = 2;
  vi.stubGlobal("fetch", ({ url }: Request) => {
    const images = [{ id: `${count}` }, { id: `${count - 1}` }];
    return Promise.resolve(Response.json(url.endsWith("/v1/info") ? { images: count } : { images }));
  });
  const root = createRoot(document.createElement("div"));
  const now: { latest?: ReturnType<typeof useLatest> } = {};
  function Drawn({ isOpened }: { isOpened: boolean }) {
    now.latest = useLatest(isOpened);
    return null;
  }
  const later = async (isOpened: boolean) => {
    flushSync(() => root.render(createElement(Drawn, { isOpened })));
    await vi.advanceTimersByTimeAsync(10_000);
    return now.latest?.images?.map(({ id }) => id);
  };
  expect(await later(false)).toEqual(["2", "1"]);
  count = 40;
  expect(await later(true)).toEqual(["2", "1"]);
  expect(await later(false)).toEqual(["40", "39"]);
  flushSync(() => root.unmount());
});

test("what a link opens has the latest behind it, too", async () => {
  vi.stubGlobal("fetch", ({ url }: Request) => Promise.resolve(Response.json(url.endsWith("/v1/info") ? { images: 1 } : { images: [{ id: "a" }] })));
  const root = createRoot(document.createElement("div"));
  const now: { latest?: ReturnType<typeof useLatest> } = {};
  function Drawn() {
    now.latest = useLatest(true);
    return null;
  }
  flushSync(() => root.render(createElement(Drawn)));
  await vi.waitFor(() => expect(now.latest?.images).toEqual([{ id: "a" }]));
  flushSync(() => root.unmount());
});
