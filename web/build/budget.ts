// Is what a first visit loads small enough? The build fails where it is not.

import { gzipSync } from "node:zlib";

import type { Plugin } from "vite";

interface Budget {
  /** Gzipped, for the entry and everything that it imports at once. */
  scriptBytes: number;
  styleBytes: number;
}

export interface Piece {
  source: string;
  imports: string[];
}

/** Give the names of what loads together with an entry. */
export function loadedWith(entry: string, pieces: ReadonlyMap<string, Piece>, seen = new Set<string>()): Set<string> {
  if (!seen.has(entry)) {
    seen.add(entry);
    for (const name of pieces.get(entry)?.imports ?? []) loadedWith(name, pieces, seen);
  }
  return seen;
}

export const gzipped = (source: string | Uint8Array): number => gzipSync(source).length;

export function budget({ scriptBytes, styleBytes }: Budget): Plugin {
  return {
    name: "budget",
    apply: "build",
    generateBundle(_options, bundle) {
      const outputs = Object.values(bundle);
      const chunks = outputs.filter((one) => one.type === "chunk");
      const pieces = new Map(chunks.map((one) => [one.fileName, { source: one.code, imports: one.imports }]));
      const entry = chunks.find((one) => one.isEntry);
      const first = entry ? [...loadedWith(entry.fileName, pieces)] : [];
      const script = first.reduce((sum, name) => sum + gzipped(pieces.get(name)?.source ?? ""), 0);
      const styles = outputs.filter((one) => one.type === "asset" && one.fileName.endsWith(".css"));
      const style = styles.reduce((sum, one) => sum + (one.type === "asset" ? gzipped(one.source) : 0), 0);
      this.info(`first visit: ${script} bytes of script, ${style} of style, gzipped`);
      if (script > scriptBytes) this.error(`The first visit loads ${script} bytes of script; ${scriptBytes} is the budget.`);
      if (style > styleBytes) this.error(`The styles have ${style} bytes; ${styleBytes} is the budget.`);
    },
  };
}
