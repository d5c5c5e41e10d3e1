/** Searching the store's goods by name, while typing. */

import { OfflineError, Problem } from "../api.js";
import { scanned } from "../counting.js";
import { h, icon } from "../dom.js";
import { announce, toast } from "../feedback.js";
import { heading, loading, nothing } from "../parts.js";
import { look } from "../shopping.js";
import { state } from "../state.js";
import { _, named, unitName, unitOf } from "../texts.js";
import { inspectionWords, problemWords, unitPrice } from "../words.js";

const RESTS = 250; // milliseconds after the last key, after which the store is asked
const PAGE = 30;

/** The screen. */
export function searchView() {
  const found = h("ul.lines", { "aria-label": _("Found") });
  const place = h("div", {});
  let timer = 0;
  let asked = 0;

  async function search() {
    const turn = (asked += 1);
    const name = input.value.trim();
    place.replaceChildren(loading());
    try {
      const page = await look(`/stores/${state.store.institutionId}/products?limit=${PAGE}${name && `&name=${encodeURIComponent(name)}`}`);
      if (turn === asked) present(page);
    } catch (error) {
      if (!(error instanceof Problem || error instanceof OfflineError)) throw error;
      if (turn === asked) place.replaceChildren(nothing("alert", problemWords(error)));
    }
  }

  function present({ result }) {
    found.replaceChildren(...result.map(productRow));
    place.replaceChildren(...(result.length ? [] : [nothing("search", _("Nothing of this name"))]));
    announce(_("Found: {count}", { count: result.length }));
  }

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(search, RESTS);
  };
  const input = h("input", { id: "f-name", type: "search", autocomplete: "off", enterkeyhint: "search", input: soon });
  const node = h("div.narrow-page", {}, heading(_("Search")),
    h("div.field", {}, h("label", { for: "f-name" }, _("What do you look for?")), input), place, found);
  search();
  return { title: _("Search"), node, leave: () => clearTimeout(timer) };
}

function productRow(product) {
  const name = named(product.translatableName);
  return h("li.line", {},
    h("div.line-text", {},
      h("strong", {}, name),
      h("small", {}, unitPrice(product, state.store.currency)),
      ...(product.inspections || []).map((rule) => h("span.badge.warn", {}, inspectionWords(rule)))),
    product.weightItem ? weighing(product, name) : adding(product, name));
}

function adding(product, name) {
  const add = () => take(product, undefined, name);
  return h("button", { type: "button", click: add, "aria-label": _("Add: {product}", { product: name }) }, icon("plus"), _("Add"));
}

function weighing(product, name) {
  const unit = unitName(unitOf(product));
  const amount = h("input.weight", {
    type: "number", min: "0.001", step: "0.001", inputmode: "decimal", required: true,
    "aria-label": _("How much: {product}, in {unit}", { product: name, unit }),
  });
  const add = (event) => {
    event.preventDefault();
    take(product, Number(amount.value), name);
    amount.value = "";
  };
  return h("form.stepper", { submit: add }, amount, h("span", {}, unit),
    h("button", { "aria-label": _("Add: {product}", { product: name }) }, icon("plus"), _("Add")));
}

function take(product, quantity, name) {
  scanned(product.barcode, quantity, name);
  toast(_("In the basket: {product}", { product: name }));
}
