// How does a dialog lie over the page for as long as it is rendered, and give the focus back?

import { useEffect, useRef, type RefObject } from "react";

/** The picture where the keys enter a grid. */
export const ITEM = '[data-item][tabindex="0"]';

/** Give an element and what it lies in, from near to far. */
function withAllAround(element: Element | null): readonly Element[] {
  const found = [];
  for (let one = element; one; one = one.parentElement) found.push(one);
  return found;
}

/** Focus the first; where it is gone, as a picture that was deleted is, the picture where the keys enter what is left around it. */
function giveBack(before: readonly Element[]): void {
  const left = before.filter((one) => one.isConnected);
  const found = left[0] === before[0] ? left[0] : left.map((one) => one.querySelector(ITEM)).find((one) => one !== null);
  if (found instanceof HTMLElement) found.focus({ preventScroll: true });
}

/** Gives what the `<dialog>` is to be told as its `ref`. */
export function useModal(): RefObject<HTMLDialogElement | null> {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    const before = withAllAround(document.activeElement);
    dialog?.showModal();
    return () => {
      dialog?.close();
      giveBack(before);
    };
  }, []);
  return ref;
}
