import { afterEach, expect, test, vi } from "vitest";

import { restoreAll } from "./useDeleting.ts";

afterEach(() => vi.unstubAllGlobals());

test("more pictures than the service takes at a time are all brought back", async () => {
  const asked: number[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { ids } = (await request.json()) as { ids: string[] };
    asked.push(ids.length);
    return Response.json({ restored: [], missing: ids.slice(0, 1) });
  });
  const missing = await restoreAll(Array.from({ length: 10_003 }, (_, n) => `${n}`));
  expect([asked, [...missing]]).toEqual([[10_000, 3], ["0", "10000"]]);
});
