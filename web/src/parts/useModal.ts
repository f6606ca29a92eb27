// How does a dialog lie over the page for as long as it is rendered, and give the focus back?

import { useEffect, useRef, type RefObject } from "react";

/** Gives what the `<dialog>` is to be told as its `ref`. */
export function useModal(): RefObject<HTMLDialogElement | null> {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return ref;
}
