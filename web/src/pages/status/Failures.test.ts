import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";

import { MessagesProvider } from "../../messages/Messages.tsx";
import { SessionProvider } from "../../session/Session.tsx";
import { Failures } from "./Failures.tsx";

afterEach(() => vi.unstubAllGlobals());

test("a page of failures that is asked for twice is listed once", async () => {
  const of = (path: string) => ({ uri: path, path, outcome: "unreadable", reason: "", wording: null, at: "2026-01-01T00:00:00Z" });
  const pages: Record<string, object> = { "": { failures: [of("a"), of("b")], cursor: "x" }, x: { failures: [of("c")], cursor: "" } };
  vi.stubGlobal("fetch", ({ url }: Request) => {
    if (url.endsWith("/v1/session")) return Promise.resolve(Response.json({ name: "", scope: "read" }));
    return Promise.resolve(Response.json(pages[new URL(url).searchParams.get("cursor") ?? ""]));
  });
  const place = document.createElement("div");
  const root = createRoot(place);
  const failures = createElement(Failures, { counts: { unreadable: 3 }, onJob: () => undefined });
  flushSync(() => root.render(createElement(MessagesProvider, null, createElement(SessionProvider, null, failures))));
  const listed = () => [...place.querySelectorAll("bdi")].map(({ textContent }) => textContent);
  await vi.waitFor(() => expect(listed()).toEqual(["a", "b"]));
  const more = [...place.querySelectorAll("button")].at(-1);
  more?.click();
  more?.click();
  await vi.waitFor(() => expect(listed()).toContain("c"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(listed()).toEqual(["a", "b", "c"]);
  flushSync(() => root.unmount());
});
