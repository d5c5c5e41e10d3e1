/** A line of the basket: what it is, what it costs and why, and how many. */

import { attempt } from "../attempt.js";
import { h } from "../dom.js";
import { toast } from "../feedback.js";
import { iconButton } from "../parts.js";
import { scan, setQuantity } from "../shopping.js";
import { _, money, named, number, quantityOf, unitName, unitOf } from "../texts.js";
import { effectSum, effectWords, hintWords, inspectionWords, unitPrice } from "../words.js";

const SETTLES = 350; // milliseconds after the last touch, after which a quantity is sent

/** The quantities that the shopper sets, shown at once and sent when the finger rests. */
export class Quantities {
  #wanted = new Map();
  #changed;

  constructor(changed) {
    this.#changed = changed;
  }

  /** The line as it is shown: with the quantity that was set last. */
  shownIn(line, cart) {
    const wanted = this.#wanted.get(line.lineId);
    const hint = wanted ? null : cart.hints?.find((each) => each.lineId === line.lineId);
    return { ...line, currency: cart.currency, hint, shown: wanted ? wanted.quantity : line.quantity };
  }

  /** Sets a quantity; none takes the line out, which can be undone. */
  set(line, quantity) {
    clearTimeout(this.#wanted.get(line.lineId)?.timer);
    const timer = setTimeout(() => this.#send(line, quantity), quantity > 0 ? SETTLES : 0);
    this.#wanted.set(line.lineId, { quantity, timer });
    this.#changed();
  }

  async #send(line, quantity) {
    const done = await attempt(null, () => setQuantity(line, quantity));
    this.#wanted.delete(line.lineId);
    this.#changed();
    if (done && quantity === 0) offerUndo(line);
  }
}

function offerUndo(line) {
  const name = named(line.product.translatableName);
  const again = () => scan(line.product.barcode, line.quantity);
  toast(_("Taken out: {product}", { product: name }), { words: _("Undo"), run: again });
}

/** A campaign and what it did. */
export function effectRow(effect, currency) {
  return h(effect.struck ? "li.effect" : "li.effect.idle", {},
    h("span", {}, h("strong", {}, effect.name), " ", effectWords(effect)),
    effect.struck ? h("span.effect-sum", {}, effectSum(effect, currency)) : null);
}

/** The row. */
export function lineRow(line, quantities) {
  const { product, currency } = line;
  const name = named(product.translatableName);
  const dearer = line.priceBefore !== line.rowTotal;
  // What a hint says better is not said twice.
  const effects = line.campaigns.filter((effect) => effect.struck || effect.name !== line.hint?.name);
  return h("li.line", { "data-barcode": product.barcode },
    h("div.line-text", {},
      h("strong", {}, name),
      h("small", {}, `${quantityOf(product, line.shown)} × ${unitPrice(product, currency)}`),
      ...(product.inspections || []).map((rule) => h("span.badge.warn", {}, inspectionWords(rule)))),
    h("div.line-price", {},
      dearer ? h("s", {}, h("span.hidden-text", {}, _("before")), " ", money(line.priceBefore, currency)) : null,
      h("strong", {}, money(line.rowTotal, currency))),
    effects.length ? h("ul.effects", {}, effects.map((effect) => effectRow(effect, currency))) : null,
    line.hint ? nearMiss(line, name, quantities) : null,
    product.weightItem ? weigher(line, name, quantities) : stepper(line, name, quantities));
}

/** What a little more would save; one touch takes it. */
function nearMiss(line, name, quantities) {
  const { hint } = line;
  const words = _("Take {more} more: {product}", { more: hint.more, product: name });
  return h("div.near-miss", {},
    h("span", {}, h("strong", {}, hint.name), " ", hintWords(hint)),
    h("button", {
      type: "button", "aria-label": words, "data-focus": "hint", click: () => quantities.set(line, hint.quantity),
    }, `+${hint.more}`));
}

function stepper(line, name, quantities) {
  const to = (quantity) => () => quantities.set(line, quantity);
  const less = line.shown > 1
    ? iconButton("minus", _("One less: {product}", { product: name }), { click: to(line.shown - 1), "data-focus": "less" })
    : iconButton("trash", _("Take out: {product}", { product: name }), { click: to(0), "data-focus": "less" });
  return h("div.stepper", { role: "group", "aria-label": _("How many: {product}", { product: name }) },
    less,
    h("output", {}, number(line.shown)),
    iconButton("plus", _("One more: {product}", { product: name }), { click: to(line.shown + 1), "data-focus": "more" }));
}

function weigher(line, name, quantities) {
  const unit = unitName(unitOf(line.product));
  const weigh = ({ currentTarget }) => {
    const quantity = Number(currentTarget.value.replace(",", "."));
    if (quantity > 0) quantities.set(line, Math.round(quantity * 1000) / 1000);
  };
  return h("div.stepper", {},
    iconButton("trash", _("Take out: {product}", { product: name }), { click: () => quantities.set(line, 0), "data-focus": "less" }),
    h("input.weight", {
      type: "number", min: "0.001", step: "0.001", inputmode: "decimal", value: line.shown, change: weigh,
      "aria-label": _("How much: {product}, in {unit}", { product: name, unit }), "data-focus": "weight",
    }),
    h("span", {}, unit));
}
