// Which pages are there, and which code draws them? What is not the search loads when it is first visited.

import { lazy, type ComponentType } from "react";

import type { PageName } from "../address/address.ts";
import type { IconName } from "../parts/Icon.tsx";
import { SearchPage } from "./search/SearchPage.tsx";

interface PageEntry {
  icon: IconName;
  Page: ComponentType;
}

/** In the order of the navigation. */
export const PAGE_TABLE: Partial<Record<PageName, PageEntry>> = {
  search: { icon: "search", Page: SearchPage },
  browse: { icon: "grid", Page: lazy(() => import("./browse/BrowsePage.tsx").then(({ BrowsePage }) => ({ default: BrowsePage }))) },
  upload: { icon: "upload", Page: lazy(() => import("./upload/UploadPage.tsx").then(({ UploadPage }) => ({ default: UploadPage }))) },
  duplicates: { icon: "duplicates", Page: lazy(() => import("./duplicates/DuplicatesPage.tsx").then(({ DuplicatesPage }) => ({ default: DuplicatesPage }))) },
  status: { icon: "status", Page: lazy(() => import("./status/StatusPage.tsx").then(({ StatusPage }) => ({ default: StatusPage }))) },
};

export const pageEntries = Object.entries(PAGE_TABLE) as [PageName, PageEntry][];

