import { afterEach, expect, test, vi } from "vitest";

import { eventsOf, readEvent, type Told } from "./events.ts";
import { Problem } from "./problem.ts";

afterEach(() => vi.unstubAllGlobals());

/** Answer every request with these pieces of a stream. */
function telling(...pieces: string[]) {
  const asked: Headers[] = [];
  vi.stubGlobal("fetch", (_: string, { headers }: RequestInit) => {
    asked.push(new Headers(headers));
    return Promise.resolve(new Response(pieces.join("")));
  });
  return asked;
}

async function all(last = ""): Promise<Told[]> {
  const told = [];
  for await (const one of eventsOf("v1/jobs/a/events", last, new AbortController().signal)) told.push(one);
  return told;
}

test("a block is an event, and a comment is none", () => {
  expect(readEvent('id: 3\nevent: done\ndata: {"a":": b"}')).toEqual({ id: "3", event: "done", data: '{"a":": b"}' });
  expect(readEvent(": still there")).toBeNull();
});

test("events come in order, and what was cut off at the end is none", async () => {
  const asked = telling("id: 1\nevent: progress\ndata: {}\n\n: still there\n\nid: 2\nev", "ent: done\ndata: {}\n\nid: 3\nda");
  expect((await all("0")).map(({ id, event }) => `${id} ${event}`)).toEqual(["1 progress", "2 done"]);
  expect(asked[0]?.get("last-event-id")).toBe("0");
});

test("a refusal and a broken line are problems", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ type: "/docs#overloaded", title: "Too busy" }, { status: 503 })));
  await expect(all()).rejects.toMatchObject({ slug: "overloaded", isPassing: true });
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("network")));
  await expect(all()).rejects.toBeInstanceOf(Problem);
});
