// Where does a finger lead that wipes over a picture? To the one before, or to the next.

import { useRef, useSyncExternalStore, type PointerEvent } from "react";

type Step = (() => void) | undefined;

/** How far a finger must go, in CSS pixels, and how much further across than up or down. */
const LEAST = 60;
const ACROSS = 2;

/** Tell where a finger leads that went so far: 1 to the next, -1 to the one before, 0 nowhere. */
export function swiped(x: number, y: number): -1 | 0 | 1 {
  if (Math.abs(x) < LEAST || Math.abs(x) < ACROSS * Math.abs(y)) return 0;
  return x < 0 ? 1 : -1;
}

const isEnlarged = (): boolean => (globalThis.visualViewport?.scale ?? 1) > 1;

function onResize(changed: () => void): () => void {
  visualViewport?.addEventListener("resize", changed);
  return () => visualViewport?.removeEventListener("resize", changed);
}

/** Tell whether two fingers have enlarged the page: one then moves it in any direction, and leads nowhere. */
export const useEnlarged = (): boolean => useSyncExternalStore(onResize, isEnlarged);

/** Give what an element must listen to; what is within may keep a finger for itself. */
export function useSwiping(onPrevious: Step, onNext: Step) {
  const from = useRef<{ x: number; y: number } | null>(null);
  const leave = () => {
    from.current = null;
  };
  return {
    onPointerDown({ pointerType, isPrimary, target, clientX, clientY }: PointerEvent) {
      const isFree = target instanceof Element && !target.closest("input, button");
      from.current = pointerType === "touch" && isPrimary && isFree && !isEnlarged() ? { x: clientX, y: clientY } : null; // two fingers zoom
    },
    onPointerUp({ clientX, clientY }: PointerEvent) {
      if (!from.current) return;
      const way = swiped(clientX - from.current.x, clientY - from.current.y);
      leave();
      if (way === 1) onNext?.();
      if (way === -1) onPrevious?.();
    },
    onPointerCancel: leave,
  };
}
