// What can be pressed? `main` for the one thing to do, `plain` for others, `bare` where many stand side by side.

import type { ButtonHTMLAttributes, Ref } from "react";

import styles from "./Button.module.css";
import { Icon, type IconName } from "./Icon.tsx";

type Look = "main" | "plain" | "bare" | "danger";

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: Look;
  icon?: IconName;
  small?: boolean;
  ref?: Ref<HTMLButtonElement>;
};

/** Give the classes of a button, for a link or a label that looks like one. */
export const buttonClass = (look: Look = "plain", small = false): string =>
  [styles.button, styles[look], small && styles.small].filter(Boolean).join(" ");

export function Button({ look = "plain", icon, small = false, className, children, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} className={[buttonClass(look, small), className].filter(Boolean).join(" ")}>
      {icon && <Icon name={icon} size={small ? 16 : 20} />}
      {children}
    </button>
  );
}

type IconButtonProps = Omit<ButtonProps, "icon" | "children"> & { icon: IconName; label: string; size?: number };

/** A button that is only a sign; its label is read out, and shown when pointed at. */
export function IconButton({ icon, label, size = 20, look = "bare", className, ...rest }: IconButtonProps) {
  const classes = [buttonClass(look), styles.icon, className].filter(Boolean).join(" ");
  return (
    <button type="button" title={label} aria-label={label} {...rest} className={classes}>
      <Icon name={icon} size={size} />
    </button>
  );
}
