// What opens below a button and closes by itself? The browser's own popover: Escape and a click elsewhere close it.

import { useId, useLayoutEffect, useRef, useState, type ReactNode } from "react";

import { buttonClass } from "./Button.tsx";
import { Icon, type IconName } from "./Icon.tsx";
import styles from "./Menu.module.css";

interface MenuProps {
  /** The button's text; read out, and shown when pointed at, where there is only a sign. */
  label: string;
  icon?: IconName;
  /** Show the sign alone. */
  bare?: boolean;
  pressed?: boolean;
  className?: string;
  /** Drawn only while it is open. */
  children: (close: () => void) => ReactNode;
}

const GAP = 6;
const EDGE = 8;

/** Put the panel below its button, within the window. */
function place(panel: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const width = panel.offsetWidth;
  const left = Math.max(EDGE, Math.min(at.left, innerWidth - width - EDGE));
  const below = innerHeight - at.bottom - GAP - EDGE;
  const above = at.top - GAP - EDGE;
  const up = below < Math.min(panel.scrollHeight, 260) && above > below;
  panel.style.left = `${left}px`;
  panel.style.top = up ? "auto" : `${at.bottom + GAP}px`;
  panel.style.bottom = up ? `${innerHeight - at.top + GAP}px` : "auto";
  panel.style.maxHeight = `${Math.max(160, up ? above : below)}px`;
}

export function Menu({ label, icon, bare = false, pressed, className, children }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const look = bare ? styles.bare : styles.chip;
  useLayoutEffect(() => {
    const [shown, beside] = [panel.current, button.current];
    if (!open || !shown || !beside) return;
    place(shown, beside);
    const growing = new ResizeObserver(() => requestAnimationFrame(() => place(shown, beside))); // what it holds may come later
    growing.observe(shown);
    return () => growing.disconnect();
  }, [open]);
  return (
    <>
      <button
        ref={button}
        type="button"
        popoverTarget={id}
        aria-expanded={open}
        aria-label={bare ? label : undefined}
        title={bare ? label : undefined}
        data-pressed={pressed || undefined}
        className={[buttonClass(bare ? "bare" : "plain", !bare), look, className].filter(Boolean).join(" ")}
      >
        {icon && <Icon name={icon} size={bare ? 20 : 16} />}
        {!bare && label}
        {!bare && <Icon name="down" size={12} />}
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        role="group"
        aria-label={label}
        className={styles.panel}
        onToggle={(event) => {
          setOpen(event.newState === "open");
        }}
      >
        {open && children(() => panel.current?.hidePopover())}
      </div>
    </>
  );
}
