// How is a file of the service saved or opened? By a link; where a key must be shown for it, it is fetched first.

import type { ComponentProps, MouseEvent } from "react";

import { problemOf } from "../api/problem.ts";
import { needsKey, showingKey } from "../api/service.ts";
import { useMessages } from "../messages/Messages.tsx";
import { tellShortly } from "./Notice.tsx";
import { useToast } from "./Toasts.tsx";

/** How long a fetched file is there for whatever opens it. */
const KEEP_MS = 60_000;

interface ServiceLinkProps extends ComponentProps<"a"> {
  href: string;
}

export function ServiceLink({ href, download, target, children, ...others }: ServiceLinkProps) {
  const messages = useMessages();
  const toast = useToast();
  async function fetchFirst() {
    const response = await fetch(href, { headers: showingKey() });
    if (!response.ok) throw await problemOf(response);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    if (target) link.target = target;
    else link.download = typeof download === "string" ? download : "";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), KEEP_MS);
  }
  function onClick(event: MouseEvent) {
    if (!needsKey(href)) return;
    event.preventDefault();
    fetchFirst().catch((error: unknown) => toast({ text: tellShortly(error, messages) }));
  }
  return (
    <a {...others} href={href} download={download} target={target} rel={target && "noopener"} onClick={onClick}>
      {children}
    </a>
  );
}
