import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { beforeEach, expect, test, vi } from "vitest";

import { close, go, href, readAddress, useAddress } from "./address.ts";

beforeEach(() => history.replaceState(null, "", "/"));

test("the page is named by the last part of the path, wherever the app is hosted", () => {
  expect(readAddress("http://x/").page).toBe("search");
  expect(readAddress("http://x/index.html").page).toBe("search");
  expect(readAddress("http://x/photos/browse").page).toBe("browse");
  expect(readAddress("http://x/photos/browse.html?where=a").page).toBe("browse");
  expect(readAddress("http://x/other").page).toBe("nowhere");
});

test("an address holds what was said, and nothing empty", () => {
  history.replaceState(null, "", "/photos/status");
  expect(href("search", { text: "a dog & co", where: "", min: 0, hit: undefined })).toBe("/photos/?text=a+dog+%26+co&min=0");
  expect(href("browse")).toBe("/photos/browse");
});

test("going somewhere can be undone, unless it replaces where one is", () => {
  const before = history.length;
  go("/browse");
  expect([location.pathname, history.length]).toEqual(["/browse", before + 1]);
  go("/browse?where=x", { replace: true });
  expect([location.search, history.length]).toEqual(["?where=x", before + 1]);
  go("/browse?where=x");
  expect(history.length).toBe(before + 1);
});

test("what is closed is not opened again by going back, however often it is closed, and whether it was opened here or came by a link", async () => {
  go("/browse?where=x");
  const before = history.length;
  go("/browse?where=x&hit=a");
  go("/browse?where=x&hit=b", { replace: true });
  close("/browse?where=x");
  close("/browse?where=x");
  await vi.waitFor(() => expect(location.search).toBe("?where=x"));
  go("/browse?where=y");
  expect(history.length).toBe(before + 1);

  history.replaceState(null, "", "/?text=dog&hit=a");
  close("/?text=dog");
  expect([location.search, history.length]).toEqual(["?text=dog", before + 1]);
});

test("another page begins at its top, and so does what asks for it; the same page stays where it is", () => {
  const scrolling = vi.spyOn(window, "scrollTo").mockImplementation(() => undefined);
  const times = (act: () => void) => {
    scrolling.mockClear();
    act();
    return scrolling.mock.calls.length;
  };
  expect(times(() => go("/browse"))).toBe(1);
  expect(times(() => go("/browse?hit=a"))).toBe(0);
  expect(times(() => go("/browse?from=2015", { toTop: true }))).toBe(1);
  expect(times(() => go("/browse?from=2015", { toTop: true }))).toBe(1);
  expect(times(() => go("/?text=dog", { replace: true }))).toBe(0);
  expect(times(() => close("/browse"))).toBe(0);
  scrolling.mockRestore();
});

test.each([
  ["throws", () => { throw new DOMException("too often", "SecurityError"); }],
  ["keeps silent", () => undefined],
])("where the browser takes no more addresses for a while, and %s, one goes on all the same, and its address follows", (_, refuse) => {
  vi.useFakeTimers();
  const now: { said?: string } = {};
  function Drawn() {
    now.said = useAddress().said.toString();
    return null;
  }
  const root = createRoot(document.createElement("div"));
  flushSync(() => root.render(createElement(Drawn)));
  const replacing = vi.spyOn(history, "replaceState").mockImplementation(refuse);
  for (const hit of ["a", "b"]) {
    flushSync(() => go(`/?hit=${hit}`, { replace: true }));
    expect([now.said, location.search]).toEqual([`hit=${hit}`, ""]);
  }
  vi.advanceTimersByTime(10_000);
  expect(location.search).toBe("");
  replacing.mockRestore();
  vi.advanceTimersByTime(1_000);
  expect([now.said, location.search]).toEqual(["hit=b", "?hit=b"]);
  flushSync(() => root.unmount());
  vi.useRealTimers();
});

test("a step that the browser does not take at first is one for back all the same", async () => {
  vi.useFakeTimers();
  go("/browse");
  const [before, steps] = [location.href, history.length];
  const pushing = vi.spyOn(history, "pushState").mockImplementation(() => undefined);
  go("/browse?hit=a");
  go("/browse?hit=b", { replace: true });
  vi.advanceTimersByTime(3_000);
  expect(location.href).toBe(before);
  pushing.mockRestore();
  vi.advanceTimersByTime(1_000);
  expect([location.search, history.length]).toEqual(["?hit=b", steps + 1]);
  vi.useRealTimers();
  history.back();
  await vi.waitFor(() => expect(location.href).toBe(before));
});

test("going back leaves behind what the browser did not take", async () => {
  vi.useFakeTimers();
  go("/browse");
  const before = location.href;
  go("/browse?hit=a");
  const replacing = vi.spyOn(history, "replaceState").mockImplementation(() => undefined);
  go("/browse?hit=b", { replace: true });
  replacing.mockRestore();
  close("/browse");
  await vi.waitFor(() => expect(location.href).toBe(before));
  vi.advanceTimersByTime(2_000);
  expect(location.href).toBe(before);
  vi.useRealTimers();
});
