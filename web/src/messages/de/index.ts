// Was sagt die App auf Deutsch?

import type { Messages } from "../catalogue.ts";
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
import { wordings } from "./wordings.ts";

export const de: Messages = { browse, change, duplicates, frame, hit, jobs, problems, search, status, upload, wordings };
