// What can be done with a picture that is opened?

import { href } from "../address/address.ts";
import { Link } from "../address/Link.tsx";
import type { Image } from "../api/client.ts";
import { fileOf, nameOf } from "../api/naming.ts";
import { useMessages } from "../messages/Messages.tsx";
import { buttonClass } from "../parts/Button.tsx";
import { Icon, type IconName } from "../parts/Icon.tsx";
import { Menu } from "../parts/Menu.tsx";
import { ServiceLink } from "../parts/ServiceLink.tsx";
import { useToast } from "../parts/Toasts.tsx";
import { EMPTY, sayView } from "../query/query.ts";
import styles from "./Actions.module.css";

/** Tell whether a link leads to the web; what comes from a picture might be any address. */
export function isWeb(link: string): boolean {
  return URL.canParse(link) && ["http:", "https:"].includes(new URL(link).protocol);
}

export function Actions({ image }: { image: Image }) {
  const { hit, frame } = useMessages();
  const toast = useToast();
  const copy = (text: string) => {
    const copied = navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject(new Error("not allowed"));
    copied.then(
      () => toast({ text: hit.copied }),
      () => toast({ text: `${hit.copyFailed} ${text}`, seconds: 20 }),
    );
  };
  const similar = href("search", sayView({ ...EMPTY, picture: { kind: "id", id: image.id } }));
  const here = new URL(href("search", { hit: image.id }), location.href).href;
  const lines: { icon: IconName; text: string; act: () => void }[] = [
    { icon: "copy", text: hit.copyPath, act: () => copy(image.path) },
    { icon: "link", text: hit.copyLink, act: () => copy(here) },
  ];
  return (
    <div className={styles.actions}>
      <Link to={similar} toTop className={buttonClass("main")} data-action="similar">
        <Icon name="similar" size={18} />
        {hit.searchWithThis}
      </Link>
      <ServiceLink
        href={fileOf(image)}
        download={nameOf(image)}
        className={buttonClass("bare")}
        aria-label={hit.download}
        title={hit.download}
      >
        <Icon name="download" />
      </ServiceLink>
      <Menu label={frame.more} icon="more" bare>
        {(close) => (
          <ul className={styles.menu}>
            <li>
              <ServiceLink href={fileOf(image)} target="_blank">
                <Icon name="external" size={18} />
                {hit.original}
              </ServiceLink>
            </li>
            {isWeb(image.link) && (
              <li>
                <a href={image.link} target="_blank" rel="noopener noreferrer">
                  <Icon name="link" size={18} />
                  {hit.source}
                </a>
              </li>
            )}
            {lines.map(({ icon, text, act }) => (
              <li key={text}>
                <button
                  type="button"
                  onClick={() => {
                    close();
                    act();
                  }}
                >
                  <Icon name={icon} size={18} />
                  {text}
                </button>
              </li>
            ))}
          </ul>
        )}
      </Menu>
    </div>
  );
}
