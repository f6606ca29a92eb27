import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { expect, test, vi } from "vitest";

import { MessagesProvider } from "../messages/Messages.tsx";
import { Caption } from "./Caption.tsx";

test("a picture that is not here any more is not looked at for ever", async () => {
  const place = document.createElement("div");
  const root = createRoot(place);
  const props = { picture: { kind: "file", key: "gone" } as const, crop: null, known: "", onSearch: () => undefined };
  flushSync(() => root.render(createElement(MessagesProvider, null, createElement(Caption, props))));
  expect(place.querySelector("[aria-busy=true]")).not.toBeNull();
  await vi.waitFor(() => expect(place.querySelector("form")).toBeNull());
  flushSync(() => root.unmount());
});
