// What is pasted or dropped anywhere on the page, and is it meant for the page? What a field or a form should get is not.

import { useEffect, useRef, useState } from "react";

import { isText } from "./intake.ts";

interface Receiver {
  /** Tells whether something that is dragged over the page is what this takes. */
  isMeant: (data: DataTransfer | null) => boolean;
  /** Whether a picture of the page itself is taken, too, when it is dragged. */
  takesOwn: boolean;
  take: (data: DataTransfer, how: "pasted" | "dropped") => void;
}

/** dragover comes every 350 ms at the latest. Source: https://html.spec.whatwg.org/multipage/dnd.html#drag-and-drop-processing-model */
const LEFT_MS = 400;

/** Tell whether somebody fills in a form that lies over the page, and which leaving the page would lose. */
const isFillingIn = (): boolean => document.querySelector("dialog[open] form") !== null;

/** Listen to the whole page; tells whether something is just being dragged over it. */
export function useIncoming(receiver: Receiver): boolean {
  const [isOver, setOver] = useState(false);
  const current = useRef(receiver);
  useEffect(() => {
    current.current = receiver;
  });
  useEffect(() => {
    const away = new AbortController();
    const { signal } = away;
    let leaving: ReturnType<typeof setTimeout> | undefined;
    let isOwn = false;

    // Text is left to the field that it is dropped into.
    const isMeant = ({ dataTransfer }: DragEvent) => current.current.isMeant(dataTransfer) && (!isOwn || current.current.takesOwn);

    const paste = (event: ClipboardEvent) => {
      const typing = event.target instanceof Element && event.target.matches("input, textarea");
      if (!event.clipboardData || isFillingIn() || (typing && isText(event.clipboardData))) return;
      event.preventDefault();
      current.current.take(event.clipboardData, "pasted");
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
      if (event.dataTransfer && !isFillingIn()) current.current.take(event.dataTransfer, "dropped");
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
