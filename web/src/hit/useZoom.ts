// How is a picture looked at closely? By a click, two taps, + and −; then it is dragged, or moved by the arrows.

import { useEffect, useRef, useState, type PointerEvent, type RefObject } from "react";

import { useExtent } from "../masonry/useExtent.ts";
import { FITTED, largest, moved, zoomed, type Shown, type Size, type Zoom } from "./zooming.ts";

const STEP = 1.5;
/** How far an arrow moves it, as a share of its place. */
const ARROW = 0.2;
/** A pointer that goes less far, in CSS pixels, is one that presses. */
const STILL = 6;
/** How long after a tap another one is its second. */
const TWICE_MS = 350;

const ARROWS: Readonly<Record<string, { x: number; y: number }>> = {
  ArrowLeft: { x: 1, y: 0 },
  ArrowRight: { x: -1, y: 0 },
  ArrowUp: { x: 0, y: 1 },
  ArrowDown: { x: 0, y: -1 },
};
const FACTORS: Readonly<Record<string, number>> = { "+": STEP, "=": STEP, "-": 1 / STEP };

/** What takes keys itself, or lies above. */
const TAKES_KEYS = "input, textarea, select, [popover] *";
const OPENED = "[popover=auto]:popover-open";

interface Pressed {
  x: number;
  y: number;
  zoom: Zoom;
}

/** Follow keys and pointers over the place of a picture. */
export function useZoom(ref: RefObject<HTMLElement | null>, picture: Size) {
  const place = useExtent(ref);
  const [zoom, setZoom] = useState(FITTED);
  const pressed = useRef<Pressed | null>(null);
  const tapped = useRef(-Infinity);
  const isZoomed = zoom.scale > 1;
  const shown: Shown = { picture, place, density: devicePixelRatio };
  const by = (times: number) => setZoom((now) => zoomed(now, times, { x: 0, y: 0 }, shown));

  const keys = useRef<(event: KeyboardEvent) => boolean>(() => false);
  useEffect(() => {
    keys.current = ({ key }) => {
      const [arrow, factor] = [ARROWS[key], FACTORS[key]];
      if (factor) by(factor);
      else if (key === "Escape" && isZoomed) setZoom(FITTED);
      else if (arrow && isZoomed) setZoom((now) => moved(now, { x: arrow.x * ARROW * place.width, y: arrow.y * ARROW * place.height }, shown));
      else return false;
      return true;
    };
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isTaken = event.target instanceof Element && event.target.matches(TAKES_KEYS);
      if (isTaken || event.ctrlKey || event.metaKey || event.altKey) return;
      if (document.querySelectorAll("dialog[open]").length > 1 || document.querySelector(OPENED)) return;
      if (!keys.current(event)) return;
      event.preventDefault(); // or Escape would close the dialog
      event.stopPropagation(); // or arrows would go on to the next picture
    };
    addEventListener("keydown", press, { capture: true });
    return () => removeEventListener("keydown", press, { capture: true });
  }, []);

  /** Look closely at what is pressed, or at all of it again. */
  function toggle({ clientX, clientY }: PointerEvent) {
    const box = ref.current?.getBoundingClientRect();
    if (!box || isZoomed) return setZoom(FITTED);
    setZoom(zoomed(FITTED, largest(shown), { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 }, shown));
  }

  const listeners = {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      if (event.button !== 0 || !event.isPrimary) return;
      pressed.current = { x: event.clientX, y: event.clientY, zoom };
      if (!isZoomed) return;
      event.stopPropagation(); // it is dragged, and no finger goes on to the next
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove({ clientX, clientY }: PointerEvent) {
      const from = pressed.current;
      if (from && isZoomed) setZoom(moved(from.zoom, { x: clientX - from.x, y: clientY - from.y }, shown));
    },
    onPointerUp(event: PointerEvent) {
      const from = pressed.current;
      pressed.current = null;
      if (!from || Math.hypot(event.clientX - from.x, event.clientY - from.y) > STILL) return;
      const isSecond = event.timeStamp - tapped.current < TWICE_MS;
      tapped.current = isSecond ? -Infinity : event.timeStamp;
      if (event.pointerType !== "touch" || isSecond) toggle(event);
    },
    onPointerCancel() {
      pressed.current = null;
    },
  };
  return { zoom, isZoomed, isLargest: place.width > 0 && zoom.scale >= largest(shown), by, step: STEP, listeners };
}
