import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";

import type { Image } from "../api/client.ts";
import { MessagesProvider } from "../messages/Messages.tsx";
import { Toasts } from "../parts/Toasts.tsx";
import { EditDialog } from "./EditDialog.tsx";

let root: Root;
afterEach(() => {
  flushSync(() => root.unmount());
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

const images = Array.from({ length: 8 }, (_, n) => ({ id: `${n}`, path: `/${n}.jpg`, title: "", caption: "", label: "", owner: "", tags: [] as string[] }) as unknown as Image);

/** Have a title written about many pictures, and the dialog closed while the first of them are saved; gives what comes of it. */
async function closedWhileSaving(answer: (id: string) => Response) {
  Object.assign(HTMLElement.prototype, { showPopover: () => undefined, hidePopover: () => undefined }); // happy-dom has none
  const [asked, changed, goOn] = [[] as string[], [] as string[], [] as (() => void)[]];
  vi.stubGlobal("fetch", async ({ url }: Request) => {
    const id = url.slice(url.lastIndexOf("/") + 1);
    asked.push(id);
    await new Promise<void>((resolve) => goOn.push(resolve));
    return answer(id);
  });
  const onClose = vi.fn(() => draw(false));
  const onChanged = (now: readonly Image[]) => void changed.push(...now.map(({ id }) => id));
  const place = document.body.appendChild(document.createElement("div"));
  root = createRoot(place);
  const draw = (isOpen: boolean) => {
    const dialog = isOpen && createElement(EditDialog, { images, onClose, onChanged });
    root.render(createElement(MessagesProvider, null, createElement(Toasts, null, dialog)));
  };
  flushSync(() => draw(true));
  const title = place.querySelector("input") as HTMLInputElement;
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(title, "new");
  flushSync(() => title.dispatchEvent(new Event("input", { bubbles: true })));
  flushSync(() => place.querySelector("form")?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })));
  await vi.waitFor(() => expect(asked).toHaveLength(5));
  const cancel = [...place.querySelectorAll("button")].find(({ textContent }) => textContent === "Cancel");
  flushSync(() => cancel?.click());
  await vi.waitFor(() => expect(place.querySelector("form")).toBeNull());
  while (goOn.length) {
    goOn.splice(0).forEach((resolve) => resolve());
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { asked, changed, onClose };
}

test("closed while many are saved, it begins no more, offers to undo what was saved, and closes nothing else", async () => {
  const { asked, changed, onClose } = await closedWhileSaving((id) => Response.json({ id, edit: `edit ${id}` }));
  expect([asked.length, changed]).toEqual([5, ["0", "1", "2", "3", "4"]]);
  await vi.waitFor(() => expect(document.body.textContent).toContain("Saved for 5 pictures."));
  expect(document.body.textContent).toContain("Undo");
  expect(onClose).toHaveBeenCalledOnce();
});

test("what fails after it was closed is told, too", async () => {
  await closedWhileSaving(() => Response.json({ title: "No", detail: "The disk is full." }, { status: 507 }));
  await vi.waitFor(() => expect(document.body.textContent).toContain("The disk is full."));
});
