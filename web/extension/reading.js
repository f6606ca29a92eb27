// How does the page itself give a picture as its visitor sees it, behind a login, too? Small enough for an address.

/** Runs within the page, so it may use nothing from outside. Gives a data URI; empty where the page may not read it. */
export async function readPicture(url) {
  const longest = 1280;
  try {
    const response = await fetch(url, { credentials: "include" });
    const bitmap = await createImageBitmap(await response.blob());
    const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL("image/jpeg", 0.9);
  } catch {
    return "";
  }
}
