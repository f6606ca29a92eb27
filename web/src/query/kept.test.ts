import { afterEach, expect, test, vi } from "vitest";

import { find, forgetAll, forgetOld, keepForLater } from "./kept.ts";

afterEach(() => vi.unstubAllGlobals());

const HOUR_MS = 60 * 60 * 1000;
const file = new File(["a"], "a.png");
const kept = (key: string, hours: number) => ({ key, file, at: Date.now() - hours * HOUR_MS });

/** Stand in for the browser's database; gives what is stored, and tells how often it is open. */
function database({ rows = [] as ReturnType<typeof kept>[], isFull = false, opened = 0 } = {}) {
  const stored = new Map(rows.map((row) => [row.key, row]));
  const now = { stored, opened };
  const asked = (result?: unknown, heard = "onsuccess") => {
    const request: Record<string, unknown> = { result };
    queueMicrotask(() => (request[heard] as (() => void) | undefined)?.());
    return request;
  };
  const pictures = {
    get: (key: string) => asked(stored.get(key)),
    getAll: () => asked([...stored.values()]),
    delete: (key: string) => asked(stored.delete(key)),
    put: (row: ReturnType<typeof kept>) => {
      if (isFull) throw new DOMException("full", "QuotaExceededError");
      return asked(stored.set(row.key, row));
    },
  };
  const open = () => {
    now.opened += 1;
    return asked({ transaction: () => ({ objectStore: () => pictures }), close: () => (now.opened -= 1) });
  };
  vi.stubGlobal("indexedDB", { open, deleteDatabase: () => asked(undefined, now.opened ? "onblocked" : "onsuccess") });
  return now;
}

test("a shared picture is stored under its key", async () => {
  const now = database();
  const key = await keepForLater(file);
  expect([[...now.stored.keys()], now.opened]).toEqual([[key], 0]);
  expect(await find(key)).toBe(file);
});

test("where there is no room for a picture, it has a key all the same, and the database is closed", async () => {
  const now = database({ isFull: true });
  expect(await find(await keepForLater(file))).toBeUndefined();
  expect(now.opened).toBe(0);
});

test("who leaves waits for no other tab that has the pictures open", async () => {
  database({ opened: 1 });
  await forgetAll();
});

test("pictures are kept for a day, and not found afterwards", async () => {
  const now = database({ rows: [kept("new", 23), kept("old", 25)] });
  expect([await find("new"), await find("old")]).toEqual([file, undefined]);
  await forgetOld();
  expect([...now.stored.keys()]).toEqual(["new"]);
});
