/** Choosing a store: by name or nearest first, with a search where there are many. */

import { attempt } from "../attempt.js";
import { nearestFirst } from "../distance.js";
import { h, icon, keyed } from "../dom.js";
import { go } from "../moving.js";
import { ask, heading, nothing } from "../parts.js";
import { choose, readStores } from "../shopping.js";
import { state } from "../state.js";
import { keep, kept } from "../storage.js";
import { _, addressLine, distance, language } from "../texts.js";

const MANY = 7;
const SHOWN = 50; // at first, and with each "Show more"
const POSITION = { maximumAge: 60_000, timeout: 20_000 }; // milliseconds
const inOrder = new Intl.Collator(language).compare;

let whereIAm = null; // known to this screen alone: it is neither sent nor kept

/** The screen. */
export function storesView() {
  let most = SHOWN;
  const list = h("ul.list", {});
  const empty = h("div", {});
  const filter = h("input", { id: "f-store", type: "search", autocomplete: "off", input: () => ((most = SHOWN), update()) });
  const search = h("div.field", {}, h("label", { for: "f-store" }, _("Find a store")), filter);
  const said = h("p.hint", { role: "status" });
  const nearest = h("button", { type: "button", click: turnNearest }, icon("place"), _("Nearest first"));
  const more = h("button.wide-button", { type: "button", click: () => ((most += SHOWN), update()) }, _("Show more"));
  const render = keyed(list, (store) => store.institutionId, storeRow);

  function update() {
    const stores = state.stores;
    const wanted = filter.value.trim().toLowerCase();
    const found = (stores || []).filter((store) => describe(store).includes(wanted));
    found.sort((one, other) => inOrder(one.name, other.name));
    const sorted = whereIAm ? nearestFirst(found, whereIAm) : found;
    search.hidden = (stores?.length || 0) < MANY;
    nearest.hidden = !("geolocation" in navigator && stores?.some((store) => store.place));
    nearest.setAttribute("aria-pressed", String(Boolean(whereIAm)));
    more.hidden = sorted.length <= most;
    render(sorted.slice(0, most));
    empty.replaceChildren(found.length ? "" : nothing("store", emptyWords(stores)));
  }

  function turnNearest() {
    if (!whereIAm) return locate();
    whereIAm = null;
    keep("nearest", null);
    said.textContent = "";
    update();
  }

  function locate() {
    said.textContent = _("Finding where you are…");
    navigator.geolocation.getCurrentPosition(located, notLocated, POSITION);
  }

  function located({ coords }) {
    whereIAm = { latitude: coords.latitude, longitude: coords.longitude };
    keep("nearest", true); // so that it is done at once next time
    said.textContent = _("Nearest first. Where you are stays in your phone.");
    update();
  }

  function notLocated() {
    keep("nearest", null);
    said.textContent = _("Your phone does not tell where you are.");
  }

  if (kept("nearest") && !whereIAm && "geolocation" in navigator) locate();
  attempt(null, readStores, () => update());
  const choosing = h("div.choosing-store", {}, search, nearest, said);
  const node = h("div.narrow-page", {}, heading(_("In which store are you?")), choosing, list, more, empty);
  return { title: _("Stores"), node, update };
}

const describe = (store) => `${store.name} ${addressLine(store.address)}`.toLowerCase();

function emptyWords(stores) {
  if (stores) return _("No such store");
  return state.reachable ? _("One moment…") : _("No connection: the stores will show when it is back");
}

function storeRow({ distance: metres, ...store }) {
  const pick = async () => {
    const leaves = store.institutionId !== state.store?.institutionId && (state.cart?.lines.length || state.waiting.length);
    if (leaves && !(await ask(_("Leave the basket in {store}?", { store: state.store.name }), _("Leave it")))) return;
    await choose(store);
    go("basket");
  };
  const far = metres === undefined ? null : h("span.distance", {}, distance(metres));
  return h("li", {}, h("button.row", { type: "button", click: pick },
    icon("store"),
    h("span", {}, h("strong", {}, store.name), h("small.address", {}, far, h("span", {}, addressLine(store.address)))),
    icon("next")));
}
