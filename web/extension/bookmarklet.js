// What is behind the bookmark, for browsers without the extension? Runs within any page, so it uses nothing from outside.

import { readPicture } from "./reading.js";

/* The first click on a picture searches with it; `read` gives its bytes where the page may. */
async function search(service, hint, read) {
  const bar = document.createElement("div");
  bar.textContent = hint;
  bar.setAttribute("role", "status");
  bar.style.cssText = "all:initial;position:fixed;z-index:2147483647;inset:12px 12px auto;padding:14px 20px;border-radius:14px;background:#0b6b4d;color:#fff;font:600 16px system-ui;box-shadow:0 8px 32px #0006";
  document.body.append(bar);
  const away = new AbortController();
  const { signal } = away;
  const end = () => (away.abort(), bar.remove());
  addEventListener("keydown", ({ key }) => key === "Escape" && end(), { signal, capture: true });
  const choose = async (event) => {
    const picture = document.elementsFromPoint(event.clientX, event.clientY).find((one) => one instanceof HTMLImageElement);
    event.preventDefault();
    event.stopPropagation();
    end();
    if (!picture) return;
    const url = picture.currentSrc || picture.src;
    const opened = open("about:blank", "_blank");
    const data = await read(url);
    const to = data ? `${service}#${data}` : `${service}?${new URLSearchParams({ url })}`;
    if (opened) opened.location.href = to;
    else location.href = to;
  };
  addEventListener("click", choose, { signal, capture: true });
}

/** Give the bookmark's address. */
export function bookmarklet(service, hint) {
  const code = `(${search})(${JSON.stringify(service)},${JSON.stringify(hint)},${readPicture})`;
  return `javascript:${encodeURIComponent(`${code};void 0`)}`;
}
