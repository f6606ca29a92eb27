// How is a picture taken in that is pasted or dropped anywhere on the page?

import { useEffect, useRef, useState } from "react";

import { fromTransfer, isText, mayBePicture, picturesIn } from "./intake.ts";
import type { QueryPicture } from "./query.ts";

interface Taker {
  /** Called with a picture, and how many came with it. */
  found: (picture: QueryPicture, others: number) => void;
  /** Called with how something came that is no picture. */
  odd: (how: "pasted" | "dropped") => void;
}

/** dragover comes every 350 ms at the latest. Source: https://html.spec.whatwg.org/multipage/dnd.html#drag-and-drop-processing-model */
const LEFT_MS = 400;

/** Tell whether somebody fills in a form that lies over the page, and which leaving the page would lose. */
const isFillingIn = (): boolean => document.querySelector("dialog[open] form") !== null;

/** Listen to the whole page; tells whether something is just being dragged over it. */
export function useTakingIn(taker: Taker): boolean {
  const [isOver, setOver] = useState(false);
  const current = useRef(taker);
  useEffect(() => {
    current.current = taker;
  });
  useEffect(() => {
    const away = new AbortController();
    const { signal } = away;
    let leaving: ReturnType<typeof setTimeout> | undefined;

    const take = (data: DataTransfer, how: "pasted" | "dropped") => {
      const picture = fromTransfer(data);
      if (picture) current.current.found(picture, picture.kind === "file" ? Math.max(0, picturesIn(data).length - 1) : 0);
      else current.current.odd(how);
    };
    const paste = (event: ClipboardEvent) => {
      const typing = event.target instanceof Element && event.target.matches("input, textarea");
      if (!event.clipboardData || isFillingIn() || (typing && isText(event.clipboardData))) return;
      event.preventDefault();
      take(event.clipboardData, "pasted");
    };
    const over = (event: DragEvent) => {
      if (!mayBePicture(event.dataTransfer)) return;
      event.preventDefault();
      if (isFillingIn()) return;
      setOver(true);
      clearTimeout(leaving);
      leaving = setTimeout(() => setOver(false), LEFT_MS);
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      if (event.dataTransfer && !isFillingIn()) take(event.dataTransfer, "dropped");
    };
    document.addEventListener("paste", paste, { signal });
    document.addEventListener("dragover", over, { signal });
    document.addEventListener("drop", drop, { signal });
    return () => {
      away.abort();
      clearTimeout(leaving);
    };
  }, []);
  return isOver;
}
