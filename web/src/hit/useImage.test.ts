import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";

import type { Image } from "../api/client.ts";
import { useImage } from "./useImage.ts";

afterEach(() => vi.unstubAllGlobals());

const image = (id: string, title = "") => ({ id, title }) as Image;

/** Draw the hook; gives what redraws it, and gives the picture that is shown then. */
function drawing() {
  const root = createRoot(document.createElement("div"));
  const now: { image?: Image | null } = {};
  function Drawn({ id, known }: { id: string; known: Image | undefined }) {
    now.image = useImage(id, known).image;
    return null;
  }
  const draw = (id: string, known?: Image) => {
    flushSync(() => root.render(createElement(Drawn, { id, known })));
    return now.image;
  };
  return { draw, now };
}

test("a picture that its list has lost is shown all the time, and as the service has it once that has answered", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json(image("a", "from the service"))));
  const { draw, now } = drawing();
  expect(draw("a", image("a", "of the list"))?.title).toBe("of the list");
  expect(draw("a")?.title).toBe("of the list");
  await vi.waitFor(() => expect(now.image?.title).toBe("from the service"));
});

test("another picture is never shown in its place", () => {
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
  const { draw } = drawing();
  draw("a", image("a"));
  expect(draw("b")).toBeNull();
  expect(draw("b", image("b", "new"))?.title).toBe("new");
});

test("a picture that is gone by now is not shown, though its list, which may be from long ago, still has it", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ title: "Gone" }, { status: 404 })));
  const { draw, now } = drawing();
  expect(draw("a", image("a"))).not.toBeNull();
  await vi.waitFor(() => expect(now.image).toBeNull());
  expect(draw("b", image("b"))).not.toBeNull();
});
