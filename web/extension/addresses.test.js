import { expect, test } from "vitest";

import { readService, searchAddress } from "./addresses.js";
import { bookmarklet } from "./bookmarklet.js";

test.each([
  ["http://127.0.0.1:8077", "http://127.0.0.1:8077/"],
  [" photos.example.org/app/ ", "http://photos.example.org/app/"],
  ["https://photos.example.org/app/browse?where=x#y", "https://photos.example.org/app/"],
  ["localhost:8077", "http://localhost:8077/"],
  ["javascript:alert(1)", null],
  ["ftp://x/", null],
  ["", null],
])("%j is the service %j", (typed, service) => {
  expect(readService(typed)).toBe(service);
});

test("bytes stay behind the #, addresses are quoted, and anything else only opens the service", () => {
  const service = "http://x/";
  expect(searchAddress(service, { data: "data:image/jpeg;base64,AA==", url: "blob:1" })).toBe("http://x/#data:image/jpeg;base64,AA==");
  expect(searchAddress(service, { data: "", url: "https://y/a?b=1&c=2#d" })).toBe("http://x/?url=https%3A%2F%2Fy%2Fa%3Fb%3D1%26c%3D2%23d");
  expect(searchAddress(service, { data: "data:text/html,x", url: "blob:1" })).toBe(service);
});

test("a bookmarklet is one address, and its texts cannot end it", () => {
  const address = bookmarklet("http://x/", '")+alert(1)+("');
  expect(address.startsWith("javascript:")).toBe(true);
  const code = decodeURIComponent(address.slice("javascript:".length));
  expect(code).toContain(String.raw`"\")+alert(1)+(\""`);
  expect(() => new Function(code)).not.toThrow();
});
