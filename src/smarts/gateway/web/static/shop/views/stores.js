/** Choosing a store: by name, with a search where there are many. */

import { h, icon, keyed } from "../dom.js";
import { go } from "../moving.js";
import { ask, heading, nothing } from "../parts.js";
import { choose } from "../shopping.js";
import { state } from "../state.js";
import { _, addressLine } from "../texts.js";

const MANY = 7;

/** The screen. */
export function storesView() {
  const list = h("ul.list", {});
  const empty = h("div", {});
  const filter = h("input", { id: "f-store", type: "search", autocomplete: "off", input: () => update(state) });
  const search = h("div.field", {}, h("label", { for: "f-store" }, _("Find a store")), filter);
  const render = keyed(list, (store) => store.institutionId, storeRow);

  function update({ stores }) {
    const wanted = filter.value.trim().toLowerCase();
    const found = (stores || []).filter((store) => describe(store).includes(wanted));
    search.hidden = (stores?.length || 0) < MANY;
    render(found.sort((one, other) => one.name.localeCompare(other.name)));
    empty.replaceChildren(found.length ? "" : nothing("store", emptyWords(stores)));
  }

  const node = h("div.narrow-page", {}, heading(_("In which store are you?")), search, list, empty);
  return { title: _("Stores"), node, update };
}

const describe = (store) => `${store.name} ${addressLine(store.address)}`.toLowerCase();

function emptyWords(stores) {
  if (stores) return _("No such store");
  return state.reachable ? _("One moment…") : _("No connection: the stores will show when it is back");
}

function storeRow(store) {
  const pick = async () => {
    const leaves = store.institutionId !== state.store?.institutionId && (state.cart?.lines.length || state.waiting.length);
    if (leaves && !(await ask(_("Leave the basket in {store}?", { store: state.store.name }), _("Leave it")))) return;
    await choose(store);
    go("basket");
  };
  return h("li", {}, h("button.row", { type: "button", click: pick },
    icon("store"),
    h("span", {}, h("strong", {}, store.name), h("small", {}, addressLine(store.address))),
    icon("next")));
}
