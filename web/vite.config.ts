import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { budget } from "./build/budget.ts";
import { licences } from "./build/licences.ts";
import { worker } from "./build/worker.ts";

/** Where a service runs during development: `lookalike serve --no-open`, or what LOOKALIKE_SERVICE names. */
const service = process.env.LOOKALIKE_SERVICE ?? "http://127.0.0.1:8077";

export default defineConfig({
  base: "./", // the app may be hosted below any path; its own pages are all one level deep
  plugins: [react(), budget({ scriptBytes: 150_000, styleBytes: 30_000 }), licences(), worker("src/worker/worker.ts", "worker.js")],
  build: {
    outDir: "../src/lookalike/service/app",
    emptyOutDir: true,
    target: "baseline-widely-available",
    assetsInlineLimit: 0, // the service's policy takes fonts and scripts from files only
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: Object.fromEntries(["/v1", "/docs", "/page", "/openapi.json"].map((path) => [path, { target: service }])),
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}", "build/**/*.test.ts", "extension/*.test.js"],
    setupFiles: "build/patience.ts",
    testTimeout: 60_000, // for whatever a test waits for one after the other
  },
});
