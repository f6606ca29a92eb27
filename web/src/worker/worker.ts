// What works beside the app's pages? It lets the app start without a network, and takes what a phone shares with it.
//
// Kept are only the app's own files, never a picture of the gallery nor anything else that the service answers.

import { keepForLater } from "../query/kept.ts";
import { kindOf, sharedWords } from "./requests.ts";

interface Fetching extends Event {
  readonly request: Request;
  respondWith: (response: Promise<Response>) => void;
}

/** What TypeScript's DOM library does not know of a service worker. */
interface Worker extends EventTarget {
  readonly registration: { readonly scope: string };
  readonly clients: { claim: () => Promise<void> };
  skipWaiting: () => Promise<void>;
}

interface Living extends Event {
  waitUntil: (done: Promise<unknown>) => void;
  /** Source: https://www.w3.org/TR/service-workers/#install-event-add-routes; not every browser has it. */
  addRoutes?: (routes: { condition: { urlPattern: { pathname: string } }; source: "network" }) => Promise<unknown>;
}

/** The app's own files, put in by the build; their names hold digests of their contents. */
declare const APP_FILES: readonly string[];

const worker = self as unknown as Worker;
/** What this app's caches begin with: all apps of one host share its caches, and another Lookalike may be one of them. */
const OURS = `lookalike-app ${worker.registration.scope} `;
const KEPT = OURS + APP_FILES.join(" ");

worker.addEventListener("install", (event) => (event as Living).waitUntil(install(event as Living)));
worker.addEventListener("activate", (event) => (event as Living).waitUntil(dropOthers()));
worker.addEventListener("fetch", (event) => {
  const { request, respondWith } = event as Fetching;
  const { scope } = worker.registration;
  const answers = { share: takeShared, asset, page, other: null };
  const give = answers[kindOf(request, scope)];
  if (give) respondWith.call(event, give(request, scope));
});

async function install(event: Living): Promise<void> {
  const { scope } = worker.registration;
  // A grid asks for thousands of thumbnails, on whose way the worker need not stand.
  await event.addRoutes?.({ condition: { urlPattern: { pathname: `${new URL(scope).pathname}v1/*` } }, source: "network" });
  const cache = await caches.open(KEPT);
  await cache.addAll([scope, ...APP_FILES.map((name) => scope + name)].map((url) => new Request(url, { cache: "no-cache" })));
  await worker.skipWaiting();
}

/** Drop what was kept of other versions of the app. */
async function dropOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OURS) && name !== KEPT).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/** Keep a shared picture as one that was dropped would be, and go to its answers. */
async function takeShared(request: Request, scope: string): Promise<Response> {
  const form = await request.formData();
  const [file] = form.getAll("picture").filter((one) => one instanceof File && one.size > 0);
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value : undefined;
  };
  const said = file instanceof File ? { picture: await keepForLater(file) } : sharedWords({ url: text("url"), text: text("text"), title: text("title") });
  return Response.redirect(`${scope}?${new URLSearchParams(said).toString()}`, 303);
}

/** Give a file whose name holds a digest of its content: what is kept is right. */
const asset = async (request: Request): Promise<Response> => (await (await caches.open(KEPT)).match(request)) ?? fetch(request);

/** Give the page as the service has it now; without a network, as it was when it was kept. */
async function page(request: Request, scope: string): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const known = await (await caches.open(KEPT)).match(scope);
    if (known) return known;
    throw error;
  }
}
