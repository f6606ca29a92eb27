import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";

import { Problem } from "../api/problem.ts";
import { EMPTY, questionOf } from "../query/query.ts";
import { Answers } from "./Answers.tsx";
import { groupHits } from "./groups.ts";
import { hit } from "./hits.testing.ts";

let root: Root;
afterEach(() => flushSync(() => root.unmount()));

/** Draw answers of which a page failed to come, after some hits or before any; gives what is drawn. */
function drawn(ids: string, again = () => undefined): HTMLElement {
  const view = { ...EMPTY, text: "dog" };
  const hits = [...ids].map((id) => hit(id));
  const first = ids ? ({ remarks: [], wordings: [], understood: null, took_ms: 1 } as never) : null;
  const answers = { hits, first, cursor: ids && "more", isAsking: false, error: new Problem(503, {}), question: questionOf(view), more: () => undefined, again };
  const place = document.createElement("div");
  root = createRoot(place);
  flushSync(() => root.render(createElement(Answers, { view, answers, groups: groupHits(hits, view), children: createElement("hr") })));
  return place;
}

const follows = (one: Element | null, other: Element | null): boolean =>
  Boolean(one && other && other.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);

test("where further hits fail to come, that is said below those that are there, with a way to go on, and no more are promised", () => {
  const again = vi.fn();
  const place = drawn("ab", again);
  const notice = place.querySelector("[role=alert]");
  expect(place.querySelectorAll("[role=alert]")).toHaveLength(1);
  expect(follows(notice, place.querySelector("[data-group]"))).toBe(true);
  expect(place.textContent).not.toContain("More are coming");
  notice?.querySelector("button")?.click();
  expect(again).toHaveBeenCalledOnce();
});

test("where nothing came, that is said in the place of the answers", () => {
  const place = drawn("");
  expect(place.querySelectorAll("[role=alert]")).toHaveLength(1);
  expect(follows(place.querySelector("[role=alert]"), place.querySelector("hr"))).toBe(true);
});
