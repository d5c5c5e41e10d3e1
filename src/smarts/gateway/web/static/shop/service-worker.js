/**
 * Keeps the app's shell, so that it opens without a connection. Nothing of the shopper's is kept here, and no question
 * to the API passes through. `SHELL` is put before this file: its addresses change whenever a file does.
 */

const KEPT = `smarts-shop ${SHELL[1]}`;

addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(SHELL)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil(forgetOlder().then(() => clients.claim()));
});

async function forgetOlder() {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith("smarts-shop ") && name !== KEPT);
  await Promise.all(older.map((name) => caches.delete(name)));
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname } = new URL(request.url);
  if (request.mode === "navigate" && pathname === "/shop") event.respondWith(freshPage(request));
  else if (SHELL.includes(pathname)) event.respondWith(caches.match(pathname).then((found) => found || fetch(request)));
});

/** The page as the gateway gives it now, or as it was last. */
async function freshPage(request) {
  try {
    const page = await fetch(request);
    if (page.ok) (await caches.open(KEPT)).put("/shop", page.clone());
    return page;
  } catch {
    return caches.match("/shop");
  }
}
