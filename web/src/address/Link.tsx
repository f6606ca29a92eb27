// A link to a place within the app: an ordinary one, so that it can be opened in a new tab, copied and dragged.

import type { AnchorHTMLAttributes, MouseEvent } from "react";

import { go } from "./address.ts";

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & {
  /** One of the app's own addresses, as `href` makes them. */
  to: string;
  replace?: boolean;
  /** Whether what is shown there begins at the top, though the page is the same. */
  toTop?: boolean;
};

/** Tell whether a click means "here", and not "in another tab". */
export const isPlain = (event: MouseEvent): boolean =>
  event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.defaultPrevented);

export function Link({ to, replace = false, toTop = false, onClick, children, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={to}
      onClick={(event) => {
        onClick?.(event);
        if (!isPlain(event)) return;
        event.preventDefault();
        go(to, { replace, toTop });
      }}
    >
      {children}
    </a>
  );
}
