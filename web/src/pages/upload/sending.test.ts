import { afterEach, expect, test, vi } from "vitest";

import { LOGIN_NEEDED, sayLogin } from "../../api/client.ts";
import { Problem } from "../../api/problem.ts";
import { unreadableFile } from "../../api/unreadable.testing.ts";
import { Unreadable } from "../../api/unreadable.ts";
import { UploadQueue } from "./queue.ts";
import { sendFile, uploads } from "./sending.ts";

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

/** Let a session be over until somebody signs in; gives the names under which files were sent. */
function ending() {
  const service = { isIn: false, sent: [] as string[] };
  class Answered extends EventTarget {
    readonly upload = new EventTarget();
    status = 0;
    responseText = "";
    responseURL = "http://localhost/v1/images";
    open() {}
    setRequestHeader(header: string, value: string) {
      if (header === "Idempotency-Key") service.sent.push(value);
    }
    abort() {}
    send() {
      this.status = service.isIn ? 200 : 401;
      this.responseText = service.isIn ? JSON.stringify({ images: [{ outcome: "added", reason: "", image: null }] }) : "{}";
      queueMicrotask(() => this.dispatchEvent(new Event("load")));
    }
  }
  vi.stubGlobal("XMLHttpRequest", Answered);
  const enter = (isSame: boolean) => {
    service.isIn = true;
    sayLogin(isSame);
  };
  return { service, enter };
}

const files = "abcdefgh".split("").map((name) => new File([name], name));

test("uploads wait where the session ends, and go on after somebody has signed in again", async () => {
  const { service, enter } = ending();
  const needed = vi.fn();
  addEventListener(LOGIN_NEEDED, needed);
  uploads.add(files);
  await vi.waitFor(() => expect(needed).toHaveBeenCalledTimes(3));
  expect(service.sent).toHaveLength(3); // no further one is tried
  enter(true);
  await vi.waitFor(() => expect(uploads.isBusy).toBe(false));
  expect([new Set(uploads.snapshot().map(({ state }) => state)), service.sent.length, new Set(service.sent).size]).toEqual([new Set(["stored"]), 11, 8]);
  removeEventListener(LOGIN_NEEDED, needed);
});

test("they end where somebody else signs in, who sees nothing of them", async () => {
  const { service, enter } = ending();
  uploads.add(files);
  await vi.waitFor(() => expect(service.sent).toHaveLength(3));
  await new Promise((resolve) => setTimeout(resolve, 1));
  enter(false);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect([uploads.snapshot(), service.sent.length]).toEqual([[], 3]);
});
