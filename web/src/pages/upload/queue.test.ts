import { expect, test } from "vitest";

import { Problem } from "../../api/problem.ts";
import { UploadQueue, type Answer, type Transport } from "./queue.ts";

const file = (name: string) => new File([name], name);
const ADDED: Answer = { outcome: "added", reason: "", image: null };
const states = (queue: UploadQueue) => queue.snapshot().map(({ file: { name }, state }) => `${name} ${state}`);
const idle = async (queue: UploadQueue) => {
  while (queue.isBusy) await new Promise((resolve) => setTimeout(resolve, 1));
};

test("only a few are on their way at a time, and each under a name of its own", async () => {
  let [running, most] = [0, 0];
  const keys = new Set<string>();
  const slow: Transport = async (_file, key) => {
    keys.add(key);
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setTimeout(resolve, 2));
    running -= 1;
    return ADDED;
  };
  const queue = new UploadQueue(slow);
  queue.add("abcdefgh".split("").map(file));
  await idle(queue);
  expect(most).toBe(3);
  expect(keys.size).toBe(8);
  expect(new Set(queue.snapshot().map(({ state }) => state))).toEqual(new Set(["stored"]));
});

test("what cannot be taken in says why, and stops nothing else", async () => {
  const queue = new UploadQueue(async ({ name }) => {
    if (name === "b") return { outcome: "unreadable", reason: "it ends too early", image: null };
    if (name === "c") throw new Problem(413, { title: "Too large" });
    return name === "d" ? { ...ADDED, outcome: "unchanged" } : ADDED;
  });
  queue.add(["a", "b", "c", "d"].map(file));
  await idle(queue);
  expect(states(queue)).toEqual(["a stored", "b failed", "c failed", "d known"]);
  expect(queue.snapshot()[1]?.problem).toMatchObject({ slug: "unreadable-image", detail: "it ends too early" });
});

test("a service that has too much to do is asked again, under the same name", async () => {
  const tried: string[] = [];
  const queue = new UploadQueue(
    async (_file, key) => {
      tried.push(key);
      if (tried.length < 3) throw new Problem(503, {});
      return ADDED;
    },
    { waitMs: () => 1 },
  );
  queue.add([file("a")]);
  await idle(queue);
  expect([tried.length, new Set(tried).size, states(queue)]).toEqual([3, 1, ["a stored"]]);
});

test("patience ends, and can be had anew", async () => {
  let isUp = false;
  const queue = new UploadQueue(
    async () => {
      if (!isUp) throw new Problem(0, {});
      return ADDED;
    },
    { tries: 2, waitMs: () => 1 },
  );
  queue.add([file("a")]);
  await idle(queue);
  expect(states(queue)).toEqual(["a failed"]);
  isUp = true;
  queue.again();
  await idle(queue);
  expect(states(queue)).toEqual(["a stored"]);
});

test("what was refused is sent under another name, so that the refusal is not given again; what may be stored is not", async () => {
  const names: Record<string, string[]> = { refused: [], unreadable: [], silent: [], broken: [] };
  const queue = new UploadQueue(
    async (sent, name) => {
      names[sent.name]?.push(name);
      if (names[sent.name]?.length === 2) return ADDED;
      if (sent.name === "unreadable") return { outcome: "unreadable", reason: "", image: null };
      throw new Problem({ refused: 403, silent: 0, broken: 500 }[sent.name] ?? 0, {});
    },
    { tries: 1 },
  );
  queue.add(Object.keys(names).map(file));
  await idle(queue);
  queue.again();
  await idle(queue);
  expect(states(queue)).toEqual(["refused stored", "unreadable stored", "silent stored", "broken stored"]);
  expect(Object.values(names).map((sent) => new Set(sent).size)).toEqual([2, 2, 1, 1]);
});

test("a cancelled upload is aborted, and the next one has its turn", async () => {
  const aborted: string[] = [];
  const queue = new UploadQueue(
    ({ name }, _key, _share, signal) =>
      name === "b"
        ? Promise.resolve(ADDED)
        : new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => {
              aborted.push(name);
              reject(new DOMException("", "AbortError"));
            });
          }),
    { atATime: 1 },
  );
  queue.add([file("a"), file("b")]);
  queue.cancel(queue.snapshot()[0]?.key ?? "");
  await idle(queue);
  expect([aborted, states(queue)]).toEqual([["a"], ["b stored"]]);
});
