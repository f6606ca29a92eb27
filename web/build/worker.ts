// How does the service worker come into the build? As one file beside the start page, since it governs what lies below.

import { build, type Plugin } from "vite";

export function worker(entry: string, fileName: string): Plugin {
  return {
    name: "worker",
    apply: "build",
    async generateBundle(_options, bundle) {
      const files = Object.keys(bundle).filter((name) => /\.(?:js|css|woff2)$/.test(name));
      const built = await build({
        configFile: false,
        logLevel: "warn",
        define: { APP_FILES: JSON.stringify(files.sort()) },
        build: { write: false, emptyOutDir: false, copyPublicDir: false, target: "baseline-widely-available", lib: { entry, formats: ["iife"], name: "worker" } },
      });
      const [output] = Array.isArray(built) ? built : [built];
      const chunk = output && "output" in output ? output.output[0] : undefined;
      if (!chunk) throw new Error(`${entry} was not built.`);
      this.emitFile({ type: "asset", fileName, source: chunk.code });
    },
  };
}
