// What happens when somebody chooses "Search with Lookalike" for a picture?

import { USUAL, readService, searchAddress } from "./addresses.js";
import { readPicture } from "./reading.js";

const MENU = "search";

async function service() {
  const { service: kept } = await chrome.storage.sync.get("service");
  return readService(kept ?? "") ?? USUAL;
}

/** Ask the page for the picture; where it may not read it, the service gets it from the web. */
async function pictureFrom(tab, frameId, url) {
  try {
    const target = { tabId: tab.id, frameIds: [frameId ?? 0] };
    const [{ result }] = await chrome.scripting.executeScript({ target, func: readPicture, args: [url] });
    return { data: result, url };
  } catch {
    return { url };
  }
}

chrome.runtime.onInstalled.addListener(({ reason }) => {
  chrome.contextMenus.create({ id: MENU, title: chrome.i18n.getMessage("menu"), contexts: ["image"] });
  if (reason === "install") chrome.runtime.openOptionsPage();
});

chrome.contextMenus.onClicked.addListener(async ({ menuItemId, srcUrl, frameId }, tab) => {
  if (menuItemId !== MENU || !srcUrl || !tab) return;
  const picture = await pictureFrom(tab, frameId, srcUrl);
  await chrome.tabs.create({ url: searchAddress(await service(), picture), index: tab.index + 1 });
});

chrome.action.onClicked.addListener(async () => chrome.tabs.create({ url: await service() }));
