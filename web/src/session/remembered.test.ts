import { afterEach, expect, test, vi } from "vitest";

import { remember, remembered } from "./remembered.ts";

afterEach(() => vi.unstubAllGlobals());

test("what is remembered is kept for the next visit, and what is empty is forgotten", () => {
  expect(remembered("a")).toBe("");
  remember("a", "one");
  expect([remembered("a"), localStorage.getItem("a")]).toEqual(["one", "one"]);
  remember("a", "");
  expect([remembered("a"), localStorage.getItem("a")]).toEqual(["", null]);
});

test("a browser that keeps nothing remembers until the page goes", () => {
  const blocked = () => {
    throw new DOMException("blocked", "SecurityError");
  };
  vi.stubGlobal("localStorage", { getItem: blocked, setItem: blocked, removeItem: blocked });
  expect(remembered("b")).toBe("");
  remember("b", "two");
  expect(remembered("b")).toBe("two");
  remember("b", "");
  expect(remembered("b")).toBe("");
});
