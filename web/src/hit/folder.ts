// In which folder does a picture lie?

/** Give the folder of a path, with the slash at its end; empty where there is none. */
export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);
