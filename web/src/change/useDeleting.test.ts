import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";

import { MessagesProvider } from "../messages/Messages.tsx";
import { Toasts } from "../parts/Toasts.tsx";
import { onNoted } from "./changes.ts";
import { restoreAll, useDeleting } from "./useDeleting.ts";

const many = Array.from({ length: 10_003 }, (_, n) => `${n}`);

afterEach(() => vi.unstubAllGlobals());

/** Give the ids of what is brought back from now on, as they come. */
function comingBack(): readonly string[] {
  const back: string[] = [];
  onNoted((change) => change.kind === "back" && back.push(...change.ids));
  return back;
}

test("more pictures than the service takes at a time are all brought back", async () => {
  const asked: number[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { ids } = (await request.json()) as { ids: string[] };
    asked.push(ids.length);
    return Response.json({ restored: [], missing: ids.slice(0, 1) });
  });
  const back = comingBack();
  const { late, left } = await restoreAll(many);
  expect([asked, late, left, back]).toEqual([[10_000, 3], 2, [], many.filter((id) => id !== "0" && id !== "10000")]);
});

/** Draw what deletes; gives how, and what is shown of it. */
function drawing() {
  Object.assign(HTMLElement.prototype, { showPopover: () => undefined, hidePopover: () => undefined }); // happy-dom has none
  const place = document.body.appendChild(document.createElement("div"));
  const [back, now] = [comingBack(), {} as { remove?: ReturnType<typeof useDeleting> }];
  function Drawn() {
    now.remove = useDeleting();
    return null;
  }
  const all = createElement(MessagesProvider, null, createElement(Toasts, null, createElement(Drawn)));
  flushSync(() => createRoot(place).render(all));
  const undo = async () => {
    const buttons = () => [...document.querySelectorAll("button")].filter(({ textContent }) => textContent === "Undo");
    await vi.waitFor(() => expect(buttons()).toHaveLength(1));
    buttons()[0]?.click();
  };
  return { back, now, undo };
}

test("where bringing many back breaks off, those that are back are shown, and the others can still be brought back", async () => {
  const restored: number[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    if (request.method === "DELETE") return Response.json({});
    const { ids } = (await request.json()) as { ids: string[] };
    restored.push(ids.length);
    return restored.length === 2 ? Response.json({ title: "No" }, { status: 500 }) : Response.json({ restored: ids, missing: [] });
  });
  const { back, now, undo } = drawing();
  now.remove?.(many);
  await undo();
  await vi.waitFor(() => expect([restored, back.length]).toEqual([[10_000, 3], 10_000]));
  await undo();
  await vi.waitFor(() => expect([restored, back.length]).toEqual([[10_000, 3, 3], 10_003]));
});
