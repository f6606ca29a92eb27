// Where do the query and a hit agree? A dialog with both, drawn by the service.

import { Problem, drawing } from "./api.js";
import { nameOf } from "./words.js";

const $ = (id) => document.getElementById(id);

const LOOKS = {
  side_by_side: (name) => `Your picture on the left and ${name} on the right; what agrees is bright and outlined`,
  overlay: (name) => `Your picture laid over ${name} where they agree`,
};

export class ProofDialog {
  #dialog = $("proof");
  #picture = $("proof-picture");
  #running = null;

  constructor() {
    for (const way of this.#ways()) way.addEventListener("click", () => this.#draw(way.value));
    $("proof-close").addEventListener("click", () => this.close());
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.close()); // beside it
    this.#dialog.addEventListener("close", () => this.#forget());
  }

  /** Show where `query` = {file | url | id, crop?} and a hit agree. */
  open(query, hit) {
    Object.assign(this, { query, hit });
    $("proof-name").textContent = nameOf(hit);
    $("proof-words").textContent = hit.evidence.transform;
    this.#dialog.showModal();
    this.#draw("side_by_side");
  }

  close() {
    this.#dialog.close();
  }

  async #draw(way) {
    this.#forget();
    const { signal } = (this.#running = new AbortController());
    for (const one of this.#ways()) one.setAttribute("aria-pressed", String(one.value === way));
    this.#say("Drawing…");
    try {
      const jpeg = await drawing(this.query, this.hit.id, way, signal);
      if (signal.aborted) return;
      this.#picture.src = URL.createObjectURL(jpeg);
      this.#picture.alt = LOOKS[way](nameOf(this.hit));
      this.#picture.hidden = false;
      this.#say("");
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Problem)) console.error(error);
      this.#say([error.detail || error.title || String(error), error.fix].filter(Boolean).join(" "));
    }
  }

  #say(sentence) {
    $("proof-status").textContent = sentence;
  }

  #forget() {
    this.#running?.abort();
    URL.revokeObjectURL(this.#picture.src);
    this.#picture.removeAttribute("src");
    this.#picture.hidden = true;
  }

  #ways() {
    return this.#dialog.querySelectorAll(".ways button");
  }
}
