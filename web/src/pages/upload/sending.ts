// How does one file travel? By the one kind of request that says how much of it has left (fetch does not).

import { forgetLists } from "../../address/places.ts";
import { LOGIN_DONE, formOf, loginsSoFar, signedIn, type Schemas } from "../../api/client.ts";
import { Problem } from "../../api/problem.ts";
import { fromService, showingKey } from "../../api/service.ts";
import { checkReadable } from "../../api/unreadable.ts";
import { UploadQueue, type Transport } from "./queue.ts";

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
};

const ADDRESS = "v1/images";

/** Send a file; and once more after somebody has signed in, where the session has ended. */
export const sendFile: Transport = async (file, name, onShare, signal) => {
  const begun = loginsSoFar();
  try {
    return await sendOnce(file, name, onShare, signal);
  } catch (error) {
    if (!(error instanceof Problem && error.kind === "login")) throw error;
    onShare(0);
    await signedIn(fromService(ADDRESS), begun, signal);
    return sendOnce(file, name, onShare, signal);
  }
};

const sendOnce: Transport = (file, name, onShare, signal) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", fromService(ADDRESS));
    for (const [header, value] of Object.entries({ ...showingKey(), "Idempotency-Key": name })) request.setRequestHeader(header, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => onShare(total ? loaded / total : 0));
    request.addEventListener("load", () => {
      const said = parsed(request.responseText);
      const [first] = (said as Partial<Schemas["UploadAnswer"]> | null)?.images ?? [];
      if (request.status >= 300 || !first) return reject(new Problem(request.status, (said ?? {}) as object));
      forgetLists(); // whoever goes back looks for it
      resolve(first);
    });
    request.addEventListener("error", () => void checkReadable(file).then(() => reject(new Problem(0, {})), reject));
    request.addEventListener("abort", () => reject(new DOMException("cancelled", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    request.send(formOf({ image: file }));
  });

/** The one queue of this window; it goes on while other pages are shown. */
export const uploads = new UploadQueue(sendFile);

addEventListener(LOGIN_DONE, (event) => {
  if (!(event as CustomEvent<boolean>).detail) uploads.forget(); // nothing is sent in the name of somebody else
});

addEventListener("beforeunload", (event) => {
  if (uploads.isBusy) event.preventDefault(); // the browser asks whether to leave
});
