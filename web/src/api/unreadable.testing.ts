// A file as browsers hold it whose card was pulled out: it has a name and a size, and nothing can be read from it.

export function unreadableFile(): File {
  const file = new File(["x"], "gone.jpg", { type: "image/jpeg" });
  const refuse = () => Promise.reject(new DOMException("it is gone", "NotReadableError"));
  file.slice = () => Object.assign(new Blob(), { arrayBuffer: refuse });
  return file;
}
