// Whose work is in the app, and under which terms? Written beside it as licences.txt.

import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

import type { Plugin } from "vite";

interface Package {
  name: string;
  version: string;
  license: string;
}

function packageOf(module: string): string | undefined {
  const inner = module.replace(/^\0/, "").split("node_modules/");
  const path = inner.pop();
  if (inner.length === 0 || path === undefined) return undefined;
  const depth = path.startsWith("@") ? 2 : 1;
  return join(inner.join("node_modules/"), "node_modules", ...path.split("/").slice(0, depth));
}

function terms(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Package;
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : "";
  return `${name} ${version} (${license})\n\n${text}`;
}

export function licences(): Plugin {
  const folders = new Set<string>();
  return {
    name: "licences",
    apply: "build",
    load(id) {
      const folder = packageOf(id);
      if (folder) folders.add(folder);
      return null;
    },
    generateBundle(_options, bundle) {
      for (const one of Object.values(bundle)) {
        const originals = one.type === "asset" ? one.originalFileNames : [];
        for (const folder of originals.map((name) => packageOf(resolve(name)))) if (folder) folders.add(folder);
      }
      const source = [...folders].sort().map(terms).join(`\n\n${"-".repeat(80)}\n\n`);
      this.emitFile({ type: "asset", fileName: "licences.txt", source: `${source}\n` });
    },
  };
}
