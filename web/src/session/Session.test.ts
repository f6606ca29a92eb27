import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { LOGIN_NEEDED, answer, api } from "../api/client.ts";
import { SessionProvider, useAccess } from "./Session.tsx";

beforeEach(() => {
  const deleteDatabase = () => {
    const request = { onsuccess: () => undefined };
    queueMicrotask(() => request.onsuccess());
    return request;
  };
  vi.stubGlobal("indexedDB", { deleteDatabase });
});
afterEach(() => vi.unstubAllGlobals());

/** Draw what is in a session of a service whose keys are the names of who has them; gives what was written, and by whom. */
async function drawing({ name = null, isBusy = false }: { name?: string | null; isBusy?: boolean } = {}) {
  const service = { name, isBusy, written: [] as string[] };
  vi.stubGlobal("fetch", async (request: Request) => {
    const isAboutLogin = request.url.endsWith("/v1/session");
    if (service.isBusy) return Response.json({}, { status: 503 });
    if (isAboutLogin && request.method === "POST") service.name = ((await request.json()) as { key: string }).key;
    if (isAboutLogin && request.method === "DELETE") service.name = null;
    if (isAboutLogin) return Response.json({ name: service.name ?? "", scope: service.name === null ? null : "write", may_write: true });
    if (service.name === null) return Response.json({}, { status: 401 });
    service.written.push(service.name);
    return Response.json({ id: "a" });
  });
  let access: ReturnType<typeof useAccess> | undefined;
  function Drawn() {
    access = useAccess();
    return null;
  }
  createRoot(document.createElement("div")).render(createElement(SessionProvider, null, createElement(Drawn)));
  const now = () => access as ReturnType<typeof useAccess>;
  const enter = async (name: string) => {
    await now().enter(name);
    await vi.waitFor(() => expect([now().who, now().needsLogin]).toEqual([name, false]));
  };
  await vi.waitFor(() => expect(now().session).not.toBeNull());
  return { service, now, enter };
}

const save = () =>
  answer(api.PATCH("/v1/images/{id}", { params: { path: { id: "a" } }, body: { title: "new" } as never })).catch((error: unknown) => error);

test("what somebody began before they signed out is not written by who signs in next", async () => {
  const { service, now, enter } = await drawing();
  await enter("ann");
  service.name = null;
  const needed = new Promise((resolve) => addEventListener(LOGIN_NEEDED, resolve, { once: true }));
  const saved = save();
  await needed;
  await now().leave();
  await vi.waitFor(() => expect(now().who).toBeNull());
  const late = save(); // from a page that is about to go
  await enter("bob");
  expect(await Promise.all([saved, late])).toMatchObject([{ name: "AbortError" }, { name: "AbortError" }]);
  expect(service.written).toEqual([]);
});

test("it is written by who comes back", async () => {
  const { service, enter } = await drawing();
  await enter("ann");
  service.name = null;
  const needed = new Promise((resolve) => addEventListener(LOGIN_NEEDED, resolve, { once: true }));
  const saved = save();
  await needed;
  await enter("ann");
  expect(await saved).toEqual({ id: "a" });
  expect(service.written).toEqual(["ann"]);
});

test("who signs in where another's session ended finds nothing that was decided or looked at before, and who comes back all of it", async () => {
  const { service, now, enter } = await drawing();
  await enter("ann");
  sessionStorage.setItem("decided", "much");
  history.pushState(null, "", "/duplicates?from=2");
  service.name = null;
  await enter("ann");
  expect([now().visitors, sessionStorage.getItem("decided"), location.pathname]).toEqual([0, "much", "/duplicates"]);
  await enter("bob");
  expect([now().visitors, sessionStorage.getItem("decided"), location.pathname + location.search]).toEqual([1, null, "/"]);
});

test("who signs out leaves nothing of what was looked at in the address", async () => {
  const { now, enter } = await drawing();
  await enter("ann");
  history.pushState(null, "", "/browse?where=label:secret");
  await now().leave();
  await vi.waitFor(() => expect([now().who, now().visitors]).toEqual([null, 1]));
  expect(location.pathname + location.search).toBe("/");
});

test("a page stays as it is where the service has too much to do at first and says only later who is there", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const { service, now } = await drawing({ name: "ann", isBusy: true });
  service.isBusy = false;
  await vi.advanceTimersByTimeAsync(5_000);
  vi.useRealTimers();
  await vi.waitFor(() => expect([now().who, now().visitors]).toEqual(["ann", 0]));
});
