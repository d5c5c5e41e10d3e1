/** What a weighed product weighs, where its code did not tell. */

import { h } from "../dom.js";
import { answerTo } from "../parts.js";
import { _, named, unitName, unitOf } from "../texts.js";

const MOST = 9_999; // a scanner with keys may type a barcode here, which is no weight

/**
 * Whether the weight is still to be told. The code on the shelf names a product only, and the store answers with the unit
 * that its price is for; a code that scales print names the weight.
 */
export function wantsWeight(scan, { product }) {
  return Boolean(product.weightItem) && scan.quantity === undefined && scan.barcode === product.barcode && Number(product.quantity?.value ?? 1) === 1;
}

/** Asks how much was taken of a line's product, and sets it; or takes it out again. */
export async function weigh(line, quantities) {
  const product = named(line.product.translatableName);
  const unit = unitName(unitOf(line.product));
  const amount = h("input.weight", {
    type: "number", min: "0.001", max: MOST, step: "0.001", inputmode: "decimal", required: true, autofocus: true,
    "aria-label": _("How much: {product}, in {unit}", { product, unit }),
  });
  const buttons = [
    h("button", { type: "button", click: ({ currentTarget }) => currentTarget.closest("dialog").close("out") }, _("Take it out")),
    h("button.primary", { value: "weighed" }, _("Save")),
  ];
  const answer = await answerTo(_("{product}: weigh it. How much have you taken in all?", { product }), buttons,
    h("div.stepper", {}, amount, h("span", {}, unit)));
  if (answer === "out") quantities.set(line, 0);
  if (answer === "weighed") quantities.set(line, Math.round(Number(amount.value) * 1000) / 1000);
}
