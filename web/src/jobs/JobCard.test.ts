import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";

import { MessagesProvider } from "../messages/Messages.tsx";
import { Toasts } from "../parts/Toasts.tsx";
import { SessionProvider } from "../session/Session.tsx";
import { JobCard } from "./JobCard.tsx";
import type { Job } from "./jobs.ts";

let root: Root;
afterEach(() => {
  flushSync(() => root.unmount());
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

const never = new Promise<Response>(() => undefined);

/** Draw a job for somebody who may stop it, whose events and whose end the service tells so. */
function drawing(job: Partial<Job>, { events = never, stopped = never }: { events?: Promise<Response>; stopped?: Promise<Response> }) {
  Object.assign(HTMLElement.prototype, { showPopover: () => undefined, hidePopover: () => undefined }); // happy-dom has none
  vi.stubGlobal("fetch", (asked: Request | URL | string) => {
    const url = asked instanceof Request ? asked.url : String(asked);
    if (url.endsWith("/v1/session")) return Promise.resolve(Response.json({ name: "", scope: "write", may_write: true }));
    if (url.endsWith("/events")) return events;
    return asked instanceof Request && asked.method === "DELETE" ? stopped : never;
  });
  const whole = { id: "a", kind: "caption", state: "running", done: 0, failed: 0, total: null, counts: {}, ...job } as unknown as Job;
  root = createRoot(document.body.appendChild(document.createElement("div")));
  const card = createElement(Toasts, null, createElement(JobCard, { job: whole }));
  flushSync(() => root.render(createElement(MessagesProvider, null, createElement(SessionProvider, null, card))));
}

const said = (text: string) => vi.waitFor(() => expect(document.body.textContent).toContain(text));

test("a job that cannot be stopped says why", async () => {
  drawing({}, { stopped: Promise.resolve(Response.json({ detail: "The disk is full." }, { status: 507 })) });
  const cancel = await vi.waitFor(() => {
    const found = document.querySelector<HTMLButtonElement>("article button");
    expect(found).not.toBeNull();
    return found;
  });
  cancel?.click();
  await said("The disk is full.");
  expect(cancel?.disabled).toBe(false);
});

test("it tells how much failed, of which only the latest is listed", async () => {
  const lines = Array.from({ length: 120 }, (_, n) => {
    const outcome = { path: `/${n}.jpg`, outcome: "unreadable", reason: "" };
    return `id: ${n + 1}\nevent: outcome\ndata: ${JSON.stringify(outcome)}\n\n`;
  });
  drawing({ state: "done", failed: 4_312 }, { events: Promise.resolve(new Response(lines.join(""))) });
  await said("What failed, and why (the latest 100 of 4,312)");
});

test("what takes long for each picture is not said to do one a second", async () => {
  drawing({ done: 2, total: 300, started_at: new Date(Date.now() - 60_000).toISOString() }, {});
  await said("2 of 300 · about 3 hr left");
});
