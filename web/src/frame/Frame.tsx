// What surrounds every page: the name, the ways to the other pages, the settings.

import { useRef, type ReactNode } from "react";

import { href, useAddress, type PageName } from "../address/address.ts";
import { Link } from "../address/Link.tsx";
import { useMessages } from "../messages/Messages.tsx";
import { pageEntries } from "../pages/pages.ts";
import { Icon } from "../parts/Icon.tsx";
import styles from "./Frame.module.css";
import { Settings } from "./Settings.tsx";
import { TakenAnywhere } from "./TakenAnywhere.tsx";

/** Pages that take in themselves what is dropped or pasted. */
const TAKING: readonly string[] = ["search", "upload"] satisfies PageName[];

export function Frame({ children }: { children: ReactNode }) {
  const { frame } = useMessages();
  const { page } = useAddress();
  const main = useRef<HTMLElement>(null);
  return (
    <>
      <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
        {frame.skip}
      </button>
      <header className={styles.bar}>
        <Link to={href("search")} className={styles.mark}>
          <img src="./icon.svg" alt="" width="28" height="28" />
          {frame.name}
        </Link>
        <nav className={styles.pages} aria-label={frame.navigation}>
          {pageEntries.map(([name, { icon }]) => (
            <Link key={name} to={href(name)} aria-current={page === name ? "page" : undefined}>
              <Icon name={icon} />
              <span>{frame.pages[name]}</span>
            </Link>
          ))}
        </nav>
        <Settings />
      </header>
      <main ref={main} tabIndex={-1} className={styles.main}>
        {children}
      </main>
      {!TAKING.includes(page) && <TakenAnywhere />}
    </>
  );
}
