// What is a picture called, in which folder does it lie, and where is its original?

import type { Image } from "./client.ts";
import { fromService } from "./service.ts";

/** Give a picture's name: its title, else its file's. */
export const nameOf = (image: Pick<Image, "title" | "path" | "uri">): string =>
  image.title || image.path.split("/").filter(Boolean).pop() || image.uri;

/** Give the folder of a path, with the slash at its end; empty where there is none. */
export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);

/** Give the address of an original. */
export const fileOf = (image: Pick<Image, "file_url">): string => fromService(image.file_url);
