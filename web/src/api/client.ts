// How does the app ask the service? By the service's own description (docs/openapi.json), from which the types are made.

import createClient, { type Middleware } from "openapi-fetch";

import { Problem, isAbort, problemOf } from "./problem.ts";
import type { components, paths } from "./schema.d.ts";
import { IS_ELSEWHERE, SERVICE, fromService, keepKey, showingKey } from "./service.ts";

export type Schemas = components["schemas"];
export type Image = Schemas["Image"];
export type EditedImage = Schemas["EditedImage"];
export type Hit = Schemas["SearchHit"];
export type SearchAnswer = Schemas["SearchAnswer"];
export type Tier = Schemas["Tier"];
export type MatchedRegion = Schemas["MatchedRegion"];
export type Info = Schemas["Info"];

/** The longest sides, in pixels, that thumbnails are made with. */
export type Side = 128 | 256 | 512 | 1024;

export const thumbnail = (image: Pick<Image, "thumbnail_url">, size: Side): string => {
  const url = image.thumbnail_url;
  return `${fromService(url)}${url.includes("?") ? "&" : "?"}size=${size}`;
};

const telling: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(showingKey())) request.headers.set(name, value);
  },
  async onResponse({ response }) {
    if (response.ok || response.status === 304) return;
    const problem = await problemOf(response);
    if (problem.kind === "login") onStranger(response.url);
    throw problem;
  },
  onError({ error }) {
    return isAbort(error) || error instanceof Problem ? undefined : new Problem(0, {});
  },
};

/** Told to the window when the service asks who is there. */
export const LOGIN_NEEDED = "lookalike:login-needed";
/** Told to the window when somebody has signed in, or has left; its detail is whether it is who was there before. */
export const LOGIN_DONE = "lookalike:login-done";

const isAboutLogin = (url: string): boolean => url.endsWith("/v1/session");

/** Forget a key that is not good any more, and have somebody sign in. */
export function onStranger(url: string): void {
  keepKey("");
  if (!isAboutLogin(url)) dispatchEvent(new Event(LOGIN_NEEDED));
}

/** How often that was said, and how often of another than before. */
interface Logins {
  readonly all: number;
  readonly others: number;
}

let logins: Logins = { all: 0, others: 0 };

/** Give what `signedIn` must know of the moment at which a request was begun. */
export const loginsSoFar = (): Logins => logins;

/** Say that somebody has signed in, whoever was there before or another; or that who was there has left. */
export function sayLogin(isSame: boolean): void {
  logins = { all: logins.all + 1, others: logins.others + (isSame ? 0 : 1) };
  dispatchEvent(new CustomEvent(LOGIN_DONE, { detail: isSame }));
}

/**
 * Have whoever began a request, which was then refused, sign in again, unless they have since; throws an abort where
 * another has or they have left, or nobody waits any longer.
 */
export const signedIn = (url: string, begun: Logins, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const giveUp = () => reject(new DOMException("cancelled", "AbortError"));
    if (signal.aborted || logins.others !== begun.others) return giveUp();
    if (logins.all !== begun.all) return resolve();
    onStranger(url);
    addEventListener(LOGIN_DONE, (event) => ((event as CustomEvent<boolean>).detail ? resolve() : giveUp()), { once: true, signal });
    signal.addEventListener("abort", giveUp);
  });

/** Ask; and once more after somebody has signed in, where the session has ended, so that nothing is lost that was begun. */
async function askPatiently(request: Request): Promise<Response> {
  const again = request.clone();
  const begun = loginsSoFar();
  const response = await globalThis.fetch(request);
  if (response.status !== 401 || isAboutLogin(request.url)) return response;
  await signedIn(response.url, begun, request.signal);
  for (const [name, value] of Object.entries(showingKey())) again.headers.set(name, value);
  return globalThis.fetch(again);
}

/** Answers with `{ data }`; throws a `Problem` where the service refuses or is silent. */
export const api = createClient<paths>({
  baseUrl: SERVICE,
  credentials: IS_ELSEWHERE ? "omit" : "same-origin",
  fetch: askPatiently,
});
api.use(telling);

/** Give what a request answered with; those that fail have thrown before. */
export async function answer<T>(asked: Promise<{ data?: T }>): Promise<T> {
  return (await asked).data as T;
}

/** Put fields into a form, as the service takes pictures; what is empty is left out. */
export function formOf(fields: Readonly<Record<string, string | number | Blob | undefined>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof File) form.append(name, value, value.name || "pasted");
    else if (value instanceof Blob) form.append(name, value, "picture");
    else if (value !== undefined && value !== "") form.append(name, String(value));
  }
  return form;
}

/** Send a body without the fields that have a default, which the generated types ask for. */
export const partly = <Body>(body: Partial<Body>): Body => body as Body;
