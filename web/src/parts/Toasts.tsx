// How does the app say in passing what it did, with a way to undo it?

import { createContext, useCallback, useContext, useEffect, useId, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { createPortal } from "react-dom";

import { useMessages } from "../messages/Messages.tsx";
import { Button, IconButton } from "./Button.tsx";
import styles from "./Toasts.module.css";

interface Toast {
  text: string;
  action?: { label: string; run: () => void };
  /** How long it stays; those with an action stay longer. */
  seconds?: number;
  /** The one that it stands for from now on, as `show` named that. */
  instead?: number | undefined;
}

type Shown = Toast & { key: number };

const MOST_BESIDE = 2;

/** Put a toast below the others; of those that only say something few stay, those that can be acted upon all have their time. */
export function withToast(all: readonly Shown[], fresh: Shown): Shown[] {
  const others = all.filter((one) => one.key !== fresh.instead);
  const said = others.filter((one) => !one.action).slice(-MOST_BESIDE);
  return [...others.filter((one) => one.action || said.includes(one)), fresh];
}

const SECONDS = 4;
const SECONDS_TO_ACT = 12;

type Show = (toast: Toast) => number;

const ToastContext = createContext<Show>(() => 0);

/** Give the function that shows a toast, and names it: `show({ text: "Deleted", action: { label: "Undo", run } })`. */
export const useToast = (): Show => useContext(ToastContext);

/** Give where a toast can be pressed: in the dialog on top, as all else is out of reach while one is open. */
function useReachable(isShown: boolean): HTMLElement {
  const [place, setPlace] = useState(document.body);
  useLayoutEffect(() => {
    if (!isShown) return;
    const look = () => setPlace([...document.querySelectorAll<HTMLElement>("dialog[open]")].at(-1) ?? document.body);
    look();
    const watching = new MutationObserver(look);
    watching.observe(document.body, { subtree: true, childList: true, attributeFilter: ["open"] });
    return () => watching.disconnect();
  }, [isShown]);
  return place;
}

export function Toasts({ children }: { children: ReactNode }) {
  const { frame } = useMessages();
  const [shown, setShown] = useState<Shown[]>([]);
  const last = useRef(0);
  const id = useId();
  const drop = useCallback((key: number) => setShown((all) => all.filter((one) => one.key !== key)), []);
  const show = useCallback(
    (toast: Toast) => {
      const key = (last.current += 1);
      setShown((all) => withToast(all, { ...toast, key }));
      setTimeout(() => drop(key), 1000 * (toast.seconds ?? (toast.action ? SECONDS_TO_ACT : SECONDS)));
      return key;
    },
    [drop],
  );
  const ref = useRef<HTMLDivElement>(null);
  const place = useReachable(shown.length > 0);
  useEffect(() => {
    const list = ref.current;
    if (!list?.isConnected) return; // the dialog it was in has just closed; it comes back in another place
    list.hidePopover();
    if (!shown.length) return;
    list.showPopover(); // above whatever dialog was opened meanwhile
    list.scrollTop = list.scrollHeight; // to the newest
  }, [shown, place]);
  return (
    <ToastContext value={show}>
      {children}
      {createPortal(
        <div ref={ref} popover="manual" className={styles.toasts} role="status" aria-live="polite">
          {shown.map(({ key, text, action }) => (
            <div key={key} className={styles.toast}>
              <p id={`${id}-${key}`}>{text}</p>
              {action && (
                <Button
                  look="bare"
                  small
                  aria-describedby={`${id}-${key}`}
                  onClick={() => {
                    drop(key);
                    action.run();
                  }}
                >
                  {action.label}
                </Button>
              )}
              <IconButton icon="close" size={16} label={frame.close} onClick={() => drop(key)} />
            </div>
          ))}
        </div>,
        place,
      )}
    </ToastContext>
  );
}
