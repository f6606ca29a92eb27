// How do the arrow keys go from one picture to the next? Unless something on the page takes them itself, or lies over it.

import { useEffect } from "react";

type Step = (() => void) | null | undefined;

/** What takes arrow keys itself. */
const TAKES_KEYS = "input, textarea, select, [popover] *";

/** Go to the previous with the left arrow and to the next with the right one, while the caller's dialog is the only one. */
export function useArrowKeys(onPrevious: Step, onNext: Step): void {
  useEffect(() => {
    const step = (event: KeyboardEvent) => {
      const isTaken = event.target instanceof Element && event.target.matches(TAKES_KEYS);
      if (isTaken || event.ctrlKey || event.metaKey || event.altKey) return;
      if (document.querySelectorAll("dialog[open]").length > 1) return;
      if (event.key === "ArrowLeft") onPrevious?.();
      if (event.key === "ArrowRight") onNext?.();
    };
    addEventListener("keydown", step);
    return () => removeEventListener("keydown", step);
  }, [onPrevious, onNext]);
}
