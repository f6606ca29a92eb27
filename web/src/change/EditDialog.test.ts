import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";

import type { Image } from "../api/client.ts";
import { MessagesProvider } from "../messages/Messages.tsx";
import { Toasts } from "../parts/Toasts.tsx";
import { onNoted } from "./changes.ts";
import { EditDialog } from "./EditDialog.tsx";

let root: Root;
afterEach(() => {
  flushSync(() => root.unmount());
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

const images = Array.from({ length: 8 }, (_, n) => ({ id: `${n}`, path: `/${n}.jpg`, title: "", caption: "", label: "", owner: "", tags: [] as string[] }) as unknown as Image);

/** Have a title written about many pictures; gives what comes of it, and what saves it. */
function writing() {
  Object.assign(HTMLElement.prototype, { showPopover: () => undefined, hidePopover: () => undefined }); // happy-dom has none
  const changed: string[] = [];
  const onClose = vi.fn(() => draw(false));
  onNoted((change) => change.kind === "change" && changed.push(...change.images.map(({ id }) => id)));
  const place = document.body.appendChild(document.createElement("div"));
  root = createRoot(place);
  const draw = (isOpen: boolean) => {
    const dialog = isOpen && createElement(EditDialog, { images, onClose });
    root.render(createElement(MessagesProvider, null, createElement(Toasts, null, dialog)));
  };
  flushSync(() => draw(true));
  const write = (text: string) => {
    const title = place.querySelector("input") as HTMLInputElement;
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(title, text);
    flushSync(() => title.dispatchEvent(new Event("input", { bubbles: true })));
  };
  write("new");
  const save = () => flushSync(() => place.querySelector("form")?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })));
  const press = (label: string) => {
    const button = [...document.querySelectorAll("button")].find(({ textContent }) => textContent === label);
    flushSync(() => button?.click());
  };
  return { place, changed, onClose, write, save, press };
}

/** Have the dialog closed while the first of many pictures are saved; gives what comes of it. */
async function closedWhileSaving(answer: (id: string) => Response) {
  const [asked, goOn] = [[] as string[], [] as (() => void)[]];
  vi.stubGlobal("fetch", async ({ url }: Request) => {
    const id = url.slice(url.lastIndexOf("/") + 1);
    asked.push(id);
    await new Promise<void>((resolve) => goOn.push(resolve));
    return answer(id);
  });
  const { place, changed, onClose, save, press } = writing();
  save();
  await vi.waitFor(() => expect(asked).toHaveLength(5));
  press("Cancel");
  await vi.waitFor(() => expect(place.querySelector("form")).toBeNull());
  while (goOn.length) {
    goOn.splice(0).forEach((resolve) => resolve());
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { asked, changed, onClose };
}

test("closed while many are saved, it begins no more, offers to undo what was saved, and closes nothing else", async () => {
  const { asked, changed, onClose } = await closedWhileSaving((id) => Response.json({ id, edit: `edit ${id}` }));
  await vi.waitFor(() => expect([asked.length, changed]).toEqual([5, ["0", "1", "2", "3", "4"]]));
  await vi.waitFor(() => expect(document.body.textContent).toContain("Saved for 5 pictures."));
  expect(document.body.textContent).toContain("Undo");
  expect(onClose).toHaveBeenCalledOnce();
});

test("what fails after it was closed is told, too", async () => {
  await closedWhileSaving(() => Response.json({ title: "No", detail: "The disk is full." }, { status: 507 }));
  await vi.waitFor(() => expect(document.body.textContent).toContain("The disk is full."));
});

/** Stand in for a service that saves three pictures only, while it is busy; an edit is named as its picture. */
function busyService() {
  const service = { isBusy: true, asked: [] as string[], undone: [] as string[] };
  vi.stubGlobal("fetch", async (request: Request) => {
    if (request.url.endsWith("/undo")) {
      service.undone = ((await request.json()) as { edits: string[] }).edits;
      return Response.json({ images: service.undone.map((id) => ({ id })), missing: [] });
    }
    const id = request.url.slice(request.url.lastIndexOf("/") + 1);
    service.asked.push(id);
    return service.isBusy && Number(id) >= 3 ? Response.json({}, { status: 503 }) : Response.json({ id, edit: id });
  });
  return service;
}

const said = (text: string) => vi.waitFor(() => expect(document.body.textContent).toContain(text));

test("what could not be saved at first is saved at the second attempt, and all of it can be undone together", async () => {
  const service = busyService();
  const { changed, onClose, save, press } = writing();
  save();
  await said("Saved for 3 pictures.");
  Object.assign(service, { isBusy: false, asked: [] });
  save();
  await vi.waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  const ids = images.map(({ id }) => id);
  expect([service.asked, changed]).toEqual([ids.slice(3), ids]);
  await said("Saved for 8 pictures.");
  expect(document.body.textContent).not.toContain("Saved for 3 pictures.");
  press("Undo");
  await vi.waitFor(() => expect(service.undone).toEqual(ids));
});

test("where something else is said at the second attempt, what was saved is taken back first, so that all can be undone", async () => {
  const service = busyService();
  const { onClose, write, save } = writing();
  save();
  await said("Saved for 3 pictures.");
  write("newer");
  Object.assign(service, { isBusy: false, asked: [] });
  save();
  await vi.waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  expect([service.undone, service.asked.length]).toEqual([["0", "1", "2"], 8]);
  await said("Saved for 8 pictures.");
});

test("what was undone between two attempts is saved again with the rest", async () => {
  const service = busyService();
  const { save, press } = writing();
  save();
  await said("Saved for 3 pictures.");
  press("Undo");
  await said("All is as it was before.");
  Object.assign(service, { isBusy: false, asked: [] });
  save();
  await said("Saved for 8 pictures.");
  expect(service.asked).toHaveLength(8);
});
