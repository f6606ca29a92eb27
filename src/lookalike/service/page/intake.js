// How does a picture get to the page? Chosen, dropped anywhere, pasted, or as an address; told as {file | url | id}.

const WEB = /^https?:\/\/\S+$/i;
const OURS = /(?:\/v1\/images\/|[?&]id=)([a-z2-7]{16})(?![a-z2-7])/;

/** Read an address that somebody typed, pasted or dragged; null where it is none. */
export async function fromAddress(text) {
  const address = text.trim().split("\n")[0];
  if (/^data:image\//i.test(address)) return fromDataUri(address);
  if (!WEB.test(address)) return null;
  const own = new URL(address).origin === location.origin && OURS.exec(address);
  return own ? { id: own[1] } : { url: address };
}

function fromDataUri(uri) {
  const [, type, body] = /^data:(image\/[\w.+-]+);base64,([\w+/=\s]+)$/i.exec(uri) ?? [];
  if (!body) return null;
  const bytes = Uint8Array.from(atob(body), (one) => one.charCodeAt(0));
  return { file: new File([bytes], "pasted", { type }) };
}

/** Call `found` with each query that is dropped, pasted or chosen, and `odd` with a sentence for what is none. */
export function takeIn({ chooser, curtain }, found, odd) {
  chooser.addEventListener("change", () => {
    if (chooser.files[0]) found({ file: chooser.files[0] });
    chooser.value = "";
  });

  document.addEventListener("paste", async (event) => {
    const file = [...event.clipboardData.files].find((one) => one.type.startsWith("image/"));
    const typing = event.target.matches?.("input, textarea");
    if (!file && typing) return;
    const text = event.clipboardData.getData("text/plain");
    event.preventDefault();
    const query = file ? { file } : await fromAddress(text);
    if (query) found(query);
    else odd("What you pasted is neither a picture nor the address of one.");
  });

  let leaving;
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.some((type) => type === "Files" || type === "text/uri-list")) return;
    event.preventDefault();
    curtain.hidden = false;
    clearTimeout(leaving);
    leaving = setTimeout(() => (curtain.hidden = true), 400); // dragover comes every 350 ms at the latest
  });
  document.addEventListener("drop", async (event) => {
    event.preventDefault();
    curtain.hidden = true;
    const [file] = event.dataTransfer.files;
    const address = event.dataTransfer.getData("text/uri-list");
    const own = address && (await fromAddress(address));
    const query = own?.id || !file ? own : { file }; // our own pictures are known by their id
    if (query) found(query);
    else odd("What you dropped is neither a picture nor the address of one.");
  });
}
