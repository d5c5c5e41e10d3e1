/** A product that is not in the basket yet: what it is, what it costs, and putting it in. */

import { scanned } from "../counting.js";
import { h, icon } from "../dom.js";
import { toast } from "../feedback.js";
import { state } from "../state.js";
import { _, named, unitName, unitOf } from "../texts.js";
import { inspectionWords, unitPrice } from "../words.js";

/** The row; weighed goods ask for their weight. */
export function productRow(product) {
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
