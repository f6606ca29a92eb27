import { expect, test } from "vitest";

import { sayLogin } from "./client.ts";
import { several } from "./several.ts";

test("never more are under way than wanted, and one that fails stops no other", async () => {
  let [running, most] = [0, 0];
  const told: number[] = [];
  const act = async (n: number) => {
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setTimeout(resolve, 1));
    running -= 1;
    if (n === 3) throw new Error("three");
    return n * 2;
  };
  const { done, failed } = await several([1, 2, 3, 4, 5, 6, 7], act, { atATime: 2, onDone: (n) => told.push(n) });
  expect(most).toBe(2);
  expect(done.sort((a, b) => a - b)).toEqual([2, 4, 8, 10, 12, 14]);
  expect(failed.map(({ item }) => item)).toEqual([3]);
  expect(told).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test("where it is stopped, what is under way is finished and nothing else is begun", async () => {
  const stopping = new AbortController();
  const act = async (n: number) => {
    if (n === 2) stopping.abort();
    await new Promise((resolve) => setTimeout(resolve, 1));
    return n;
  };
  const { done, failed } = await several([1, 2, 3, 4], act, { atATime: 2, signal: stopping.signal });
  expect([done, failed]).toEqual([[1, 2], []]);
});

test("once one is cut off, the rest is left, and none of it has failed", async () => {
  const act = async (n: number) => {
    await new Promise((resolve) => setTimeout(resolve, n));
    if (n > 1) throw new DOMException("cancelled", "AbortError");
    return n;
  };
  expect(await several([1, 2, 3, 4, 5], act, { atATime: 2 })).toEqual({ done: [1], failed: [], left: [2, 3, 4, 5] });
});

test("nothing that one visitor began is gone on with in the name of the next", async () => {
  const act = async (n: number) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    sayLogin(n !== 3); // who comes back goes on
    return n;
  };
  expect(await several([1, 2, 3, 4, 5], act, { atATime: 1 })).toEqual({ done: [1, 2, 3], failed: [], left: [4, 5] });
});
