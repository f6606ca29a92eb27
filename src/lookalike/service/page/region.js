// Which part of the query picture is searched with? A rectangle, by pointer or keys, in fractions of the picture.

const SMALLEST = 0.04;
const STEP = 0.02;
const SETTLE_MS = 350;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

export class RegionPicker {
  /** `changed` is called with [x, y, width, height], or with null for the whole picture. */
  constructor(frame, box, changed) {
    Object.assign(this, { frame, box, changed, region: null, usable: true });
    frame.addEventListener("pointerdown", (event) => this.#draw(event));
    box.addEventListener("keydown", (event) => this.#nudge(event));
  }

  /** Start with the middle, for keys and for fingers, which would scroll otherwise. */
  begin() {
    this.set([0.2, 0.2, 0.6, 0.6]);
    this.box.focus();
    this.changed(this.region);
  }

  set(region) {
    this.region = region;
    this.box.hidden = !region;
    this.frame.classList.toggle("cut", Boolean(region));
    const [x, y, width, height] = region ?? [0, 0, 1, 1];
    const sides = { left: x, top: y, width, height };
    for (const [side, share] of Object.entries(sides)) this.box.style.setProperty(side, `${share * 100}%`);
  }

  #draw(event) {
    if (!this.usable || event.button !== 0) return;
    if (event.pointerType === "touch" && !this.region) return;
    event.preventDefault();
    const bounds = this.frame.getBoundingClientRect();
    const at = ({ clientX, clientY }) => [
      clamp((clientX - bounds.left) / bounds.width, 0, 1),
      clamp((clientY - bounds.top) / bounds.height, 0, 1),
    ];
    const [startX, startY] = at(event);
    const before = this.region;
    const move = (moved) => {
      const [x, y] = at(moved);
      this.set([Math.min(x, startX), Math.min(y, startY), Math.abs(x - startX), Math.abs(y - startY)]);
    };
    const end = (ended) => {
      this.frame.removeEventListener("pointermove", move);
      const drawn = this.region !== before && Math.min(this.region[2], this.region[3]) >= SMALLEST;
      if (ended.type === "pointerup" && drawn) this.changed(this.region);
      else this.set(before);
    };
    this.frame.setPointerCapture(event.pointerId);
    this.frame.addEventListener("pointermove", move);
    this.frame.addEventListener("pointerup", end, { once: true, signal: this.#only() });
    this.frame.addEventListener("pointercancel", end, { once: true, signal: this.ending.signal });
  }

  /** Let whichever of two ends comes first be the only one. */
  #only() {
    this.ending?.abort();
    this.ending = new AbortController();
    return this.ending.signal;
  }

  #nudge(event) {
    const arrow = ARROWS[event.key];
    if (!arrow || !this.region) return;
    event.preventDefault();
    const [dx, dy] = arrow.map((step) => step * STEP);
    const [x, y, width, height] = this.region;
    this.set(
      event.shiftKey
        ? [x, y, clamp(width + dx, SMALLEST, 1 - x), clamp(height + dy, SMALLEST, 1 - y)]
        : [clamp(x + dx, 0, 1 - width), clamp(y + dy, 0, 1 - height), width, height],
    );
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.changed(this.region), SETTLE_MS);
  }
}
