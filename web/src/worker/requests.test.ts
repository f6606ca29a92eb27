import { expect, test } from "vitest";

import { kindOf, sharedWords } from "./requests.ts";

const HOME = "https://photos.example/app/";
const asked = (path: string, { method = "GET", mode = "no-cors" } = {}) => kindOf({ method, mode, url: new URL(path, HOME).href }, HOME);

test.each(["v1/images", "v1/images/abc/thumbnail?size=512", "v1/images/abc/file", "v1/session", "openapi.json", "icon.svg"])(
  "%s is never answered from what is kept",
  (path) => expect([asked(path), asked(path, { mode: "navigate" })]).toEqual(["other", "other"]),
);

test("the app's own files are known by where they lie", () => {
  expect([asked("assets/main-abc.js"), asked("assets/x.css"), asked("assets/font.woff2")]).toEqual(["asset", "asset", "asset"]);
  expect([asked("assets/photo.jpg"), asked("assets/../v1/images")]).toEqual(["other", "other"]);
});

test("pages are what somebody goes to, and not the reference", () => {
  const mode = "navigate";
  expect([asked("", { mode }), asked("browse?where=a", { mode }), asked("browse")]).toEqual(["page", "page", "other"]);
  expect([asked("docs", { mode }), asked("v1/status", { mode })]).toEqual(["other", "other"]);
});

test("only a share is posted to the worker, and nobody else's pages are its business", () => {
  expect([asked("share", { method: "POST" }), asked("v1/images", { method: "POST" }), asked("share")]).toEqual(["share", "other", "other"]);
  expect([asked("https://other.example/app/assets/a.js"), asked("/elsewhere/assets/a.js")]).toEqual(["other", "other"]);
});

test("an address is found wherever the sharing app put it", () => {
  expect(sharedWords({ text: "Look: https://example.org/cat.jpg" })).toEqual({ url: "https://example.org/cat.jpg" });
  expect(sharedWords({ url: "https://example.org/a", text: "b" })).toEqual({ url: "https://example.org/a" });
  expect(sharedWords({ title: "a cat " })).toEqual({ text: "a cat" });
  expect(sharedWords({})).toEqual({});
});
