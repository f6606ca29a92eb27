// What does the app say in English? One file for each part of it; the other languages have the same files.

import type { Wordings } from "../wordings.ts";
import { browse } from "./browse.ts";
import { change } from "./change.ts";
import { duplicates } from "./duplicates.ts";
import { frame } from "./frame.ts";
import { hit } from "./hit.ts";
import { jobs } from "./jobs.ts";
import { problems } from "./problems.ts";
import { search } from "./search.ts";
import { status } from "./status.ts";
import { upload } from "./upload.ts";

/** The service speaks English itself. */
const wordings = null as Wordings | null;

export const en = { browse, change, duplicates, frame, hit, jobs, problems, search, status, upload, wordings };
