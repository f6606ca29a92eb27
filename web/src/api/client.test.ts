import { afterEach, expect, test, vi } from "vitest";

import { LOGIN_NEEDED, answer, api, sayLogin } from "./client.ts";

afterEach(() => vi.unstubAllGlobals());

/** Let the session be over until `enter` is called; gives what was asked. */
function ending() {
  const asked: string[] = [];
  let isIn = false;
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(`${request.method} ${await request.text()}`);
    return isIn ? Response.json({ id: "a" }) : Response.json({ title: "Who are you?" }, { status: 401 });
  });
  const needed = new Promise((resolve) => addEventListener(LOGIN_NEEDED, resolve, { once: true }));
  const enter = async (isSame: boolean) => {
    await needed;
    await new Promise((resolve) => setTimeout(resolve, 1));
    isIn = true;
    sayLogin(isSame);
  };
  return { asked, enter };
}

const save = () => answer(api.PATCH("/v1/images/{id}", { params: { path: { id: "a" } }, body: { title: "new" } as never }));

test("what is asked while the session ends is asked once more, whole, after somebody has signed in again", async () => {
  const { asked, enter } = ending();
  const saved = save();
  await enter(true);
  await expect(saved).resolves.toEqual({ id: "a" });
  expect(asked).toEqual(Array(2).fill('PATCH {"title":"new"}'));
});

test("it is not asked in the name of somebody else, nor after nobody wants to know any more", async () => {
  const { asked, enter } = ending();
  const leaving = new AbortController();
  const wanted = answer(api.GET("/v1/info", { signal: leaving.signal })).catch((error: unknown) => error);
  const saved = save().catch((error: unknown) => error);
  leaving.abort();
  await enter(false);
  expect(await Promise.all([wanted, saved])).toMatchObject([{ name: "AbortError" }, { name: "AbortError" }]);
  expect(asked).toHaveLength(2);
});

test("a key that is wrong is told at once", async () => {
  ending();
  await expect(answer(api.POST("/v1/session", { body: { key: "no" } }))).rejects.toMatchObject({ kind: "login" });
});

test("what is refused after somebody has signed in again is asked once more, and nobody need sign in a second time", async () => {
  const asked: ((answer: Response) => void)[] = [];
  vi.stubGlobal("fetch", () => new Promise<Response>((resolve) => void asked.push(resolve)));
  const [refused, needed] = [() => Response.json({}, { status: 401 }), vi.fn()];
  addEventListener(LOGIN_NEEDED, needed);
  const late = save();
  const lost = save().catch((error: unknown) => error);
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  sayLogin(true);
  asked[0]?.(refused());
  await vi.waitFor(() => expect(asked).toHaveLength(3));
  asked[2]?.(Response.json({ id: "a" }));
  await expect(late).resolves.toEqual({ id: "a" });
  sayLogin(false);
  asked[1]?.(refused());
  expect([await lost, needed.mock.calls, asked.length]).toMatchObject([{ name: "AbortError" }, [], 3]);
  removeEventListener(LOGIN_NEEDED, needed);
});
