// How is a picture taken in that is pasted or dropped anywhere on the page?

import { useEffect, useRef, useState } from "react";

import { fromTransfer, holdsFolder, isText, mayBePicture, picturesIn } from "./intake.ts";
import type { QueryPicture } from "./query.ts";

/** How something comes in that is no picture. */
export type Odd = "pasted" | "dropped" | "folder";

interface Taker {
  /** Whether a picture of the page itself is taken, too, when it is dragged. */
  takesOwn: boolean;
  /** Called with a picture, and how many came with it. */
  found: (picture: QueryPicture, others: number) => void;
  /** Called with how something came that is no picture. */
  odd: (how: Odd) => void;
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
    let isOwn = false;

    // Text is left to the field that it is dropped into.
    const isMeant = ({ dataTransfer }: DragEvent) => mayBePicture(dataTransfer) && (!isOwn || current.current.takesOwn);

    const take = (data: DataTransfer, how: Odd) => {
      if (holdsFolder(data)) return current.current.odd("folder");
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
      if (!isMeant(event)) return;
      event.preventDefault();
      if (isFillingIn()) return;
      setOver(true);
      clearTimeout(leaving);
      leaving = setTimeout(() => setOver(false), LEFT_MS);
    };
    const drop = (event: DragEvent) => {
      if (!isMeant(event)) return;
      event.preventDefault();
      setOver(false);
      if (event.dataTransfer && !isFillingIn()) take(event.dataTransfer, "dropped");
    };
    document.addEventListener("paste", paste, { signal });
    document.addEventListener("dragstart", () => (isOwn = true), { signal });
    document.addEventListener("dragend", () => (isOwn = false), { signal });
    document.addEventListener("dragover", over, { signal });
    document.addEventListener("drop", drop, { signal });
    return () => {
      away.abort();
      clearTimeout(leaving);
    };
  }, []);
  return isOver;
}
