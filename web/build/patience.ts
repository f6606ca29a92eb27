// How long do tests wait for what is to come? A machine that tests has other work, too; Vitest would give it one second.

import { vi } from "vitest";

const PATIENCE_MS = 20_000;

const { waitFor } = vi;
vi.waitFor = (look, options = PATIENCE_MS) => waitFor(look, options);
