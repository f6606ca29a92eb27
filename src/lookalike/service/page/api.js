// How does the page ask the service?

/** What the service says went wrong, or that it does not answer at all. */
export class Problem extends Error {
  constructor({ title, detail = "", fix = "", status = 0 }) {
    super(detail || title);
    Object.assign(this, { title, detail, fix, status });
  }
}

async function ask(path, { read = (response) => response.json(), ...options } = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({
      title: "Lookalike does not answer",
      detail: "The program behind this page has ended, or the network is down.",
      fix: "Start it again with “lookalike serve”, then try once more.",
    });
  }
  if (response.ok) return read(response);
  const problem = await response.json().catch(() => ({}));
  throw new Problem({ title: `The service answered ${response.status}`, ...problem, status: response.status });
}

/** Search by query = {file | url | id, crop?} or {text} or both; answers with {hits, understood, remarks, cursor, likely}. */
export function search(query, { where = "", cursor = "", limit = 40, signal } = {}) {
  return ask("v1/search", { method: "POST", body: form(query, { text: query.text, where, cursor, limit }), signal });
}

/** Have a query and a picture of the gallery drawn, `draw` = side_by_side or overlay; answers with a JPEG. */
export function drawing(query, id, draw, signal) {
  const read = (response) => response.blob();
  return ask(`v1/images/${encodeURIComponent(id)}/evidence`, { method: "POST", body: form(query, { draw }), signal, read });
}

function form(query, others) {
  const body = new FormData();
  if (query.file) body.append("image", query.file, query.file.name || "pasted");
  const fields = { url: query.url, id: query.id, crop: query.crop?.join(","), ...others };
  for (const [name, value] of Object.entries(fields)) if (value) body.append(name, value);
  return body;
}

/** List the gallery, newest first; answers with {images, cursor}. */
export function browse({ where = "", cursor = "", limit = 60, signal } = {}) {
  return ask(`v1/images?${new URLSearchParams({ where, cursor, limit })}`, { signal });
}

export const image = (id, signal) => ask(`v1/images/${encodeURIComponent(id)}`, { signal });

export const info = () => ask("v1/info");
