import { afterEach, expect, test, vi } from "vitest";

import { Problem } from "../../api/problem.ts";
import { unreadableFile } from "../../api/unreadable.testing.ts";
import { Unreadable } from "../../api/unreadable.ts";
import { UploadQueue } from "./queue.ts";
import { sendFile } from "./sending.ts";

afterEach(() => vi.unstubAllGlobals());

/** Let every request break off, as it does without a network and with a file that cannot be read; gives how many were sent. */
function breakingOff() {
  const sent = { count: 0 };
  class Broken extends EventTarget {
    readonly upload = new EventTarget();
    open() {}
    setRequestHeader() {}
    abort() {}
    send() {
      sent.count += 1;
      queueMicrotask(() => this.dispatchEvent(new Event("error")));
    }
  }
  vi.stubGlobal("XMLHttpRequest", Broken);
  return sent;
}

test("what breaks off is a service that is silent, unless the file itself cannot be read any more", async () => {
  breakingOff();
  const send = (file: File) => sendFile(file, "a", () => undefined, new AbortController().signal);
  await expect(send(new File(["x"], "x.jpg"))).rejects.toBeInstanceOf(Problem);
  await expect(send(unreadableFile())).rejects.toBeInstanceOf(Unreadable);
});

test("a file that cannot be read any more is not sent again and again", async () => {
  const sent = breakingOff();
  const queue = new UploadQueue(sendFile, { waitMs: () => 1 });
  queue.add([unreadableFile()]);
  await vi.waitFor(() => expect(queue.isBusy).toBe(false));
  expect([sent.count, queue.snapshot()[0]?.problem]).toEqual([1, expect.any(Unreadable)]);
});
