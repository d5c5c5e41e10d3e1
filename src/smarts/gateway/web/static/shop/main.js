/** The app: which screen is shown, what its frame says, and how all begins. */

import { tellLanguage } from "./api.js";
import { scanned } from "./counting.js";
import { icon, show } from "./dom.js";
import { onPicked } from "./embedded.js";
import { allowSounds, refused } from "./feedback.js";
import { go, here, onMove } from "./moving.js";
import { onScanned, takeUp } from "./shopping.js";
import { onChange, onReachable, state } from "./state.js";
import { _ } from "./texts.js";
import { aboutView } from "./views/about.js";
import { basketView } from "./views/basket.js";
import { cardsView } from "./views/cards.js";
import { checkoutView } from "./views/checkout.js";
import { deliveryView } from "./views/delivery.js";
import { offersView } from "./views/offers.js";
import { orderView } from "./views/order.js";
import { purchaseView } from "./views/purchase.js";
import { purchasesView } from "./views/purchases.js";
import { searchView } from "./views/search.js";
import { storesView } from "./views/stores.js";
import { problemWords } from "./words.js";

const VIEWS = {
  about: aboutView,
  basket: basketView,
  cards: cardsView,
  checkout: checkoutView,
  delivery: deliveryView,
  offers: offersView,
  orders: orderView,
  purchases: (id) => (id ? purchaseView(id) : purchasesView()),
  search: searchView,
  stores: storesView,
};
const NEEDS_STORE = ["basket", "search", "offers", "delivery", "checkout"];

let shown = null;
let wanted = null; // the screen that waits until the store is known

function open() {
  const { name, id } = here();
  if (!Object.hasOwn(VIEWS, name)) return go("basket", { instead: true });
  if (NEEDS_STORE.includes(name) && !state.store) {
    wanted = { name, id };
    return go("stores", { instead: true });
  }
  shown?.leave?.();
  shown = VIEWS[name](id);
  document.title = `${shown.title} · Smarts`;
  document.getElementById("main").replaceChildren(shown.node);
  shown.update?.(state);
  frame();
  for (const link of document.querySelectorAll(".app-tabs a")) {
    if (link.hash === `#/${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function openAnew() {
  open();
  scrollTo(0, 0);
  document.querySelector("#main h1")?.focus({ preventScroll: true });
}

/** What stands around every screen: the store, and whether there is a connection. */
function frame() {
  document.getElementById("store").textContent = state.store?.name || _("Choose a store");
  const line = document.getElementById("connection");
  const words = connectionWords();
  if (line.textContent !== words) show(line, words ? icon("offline") : null, words);
  line.hidden = !words;
}

function connectionWords() {
  const waiting = state.waiting.length;
  if (!state.reachable || !navigator.onLine) {
    return waiting
      ? _("No connection. Waiting in your phone: {count}. Nothing will be lost", { count: waiting })
      : _("No connection. You can go on scanning");
  }
  const trouble = state.waiting[0]?.trouble;
  return trouble && trouble !== "offline"
    ? _("{trouble}. Waiting: {count}", { trouble: problemWords({ type: trouble }), count: waiting })
    : "";
}

async function begin() {
  const address = new URL(location.href);
  const storeId = address.searchParams.get("store");
  if (address.search) history.replaceState(null, "", address.pathname + address.hash);
  onChange(() => (frame(), shown?.update?.(state)));
  onReachable(() => document.querySelector("#main [data-failed]") && open());
  onScanned(({ refused: scan, problem }) => {
    if (scan) refused(_("Not counted: {why}", { why: problemWords(problem) }));
  });
  addEventListener("pointerdown", allowSounds, { once: true });
  addEventListener("keydown", allowSounds, { once: true });
  addEventListener("online", frame);
  addEventListener("offline", frame);
  const taken = takeUp(storeId);
  onPicked(async (barcode) => {
    allowSounds();
    await taken;
    if (here().name !== "basket") go("basket");
    if (state.store) scanned(barcode);
  });
  onMove(openAnew);
  open();
  await taken;
  if (wanted && here().name === "stores" && state.store) go(wanted.name, { id: wanted.id, instead: true });
  tellLanguage().catch(() => {}); // told at the next start
  navigator.serviceWorker?.register("/shop/sw.js", { scope: "/shop" });
}

begin();
