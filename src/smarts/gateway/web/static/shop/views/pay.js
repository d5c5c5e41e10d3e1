/** The payment: what it costs and why, and with what to pay. */

import { attempt } from "../attempt.js";
import { h } from "../dom.js";
import { announce } from "../feedback.js";
import { to } from "../moving.js";
import { heading, notice, sumRow } from "../parts.js";
import { pay } from "../shopping.js";
import { _, money, named, number, quantityOf } from "../texts.js";
import { methodWords } from "../words.js";
import { effectRow } from "./line.js";

const METHODS = JSON.parse(document.getElementById("settings").textContent).methods;
const SANDBOX_CARDS = [
  ["4242424242424242", () => _("Test card that works")],
  ["4000000000000002", () => _("Test card that is declined")],
  ["4000002500003155", () => _("Test card that needs confirmation")],
  ["4000000000000259", () => _("Test card whose answer gets lost")],
];

let chosen = SANDBOX_CARDS[0][0]; // stays chosen when the screen is made anew, as it is after a payment that failed

/** The part of the checkout screen. */
export function payPart(cart) {
  const { currency } = cart;
  const trouble = h("p.field-error", { role: "alert" });
  const sum = money(cart.total.totalToPay, currency);
  announce(_("Ready to be paid: {sum}", { sum }));
  const send = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const card = new FormData(form).get("card");
    trouble.textContent = "";
    await attempt(form.querySelector("button"), () => pay(METHODS[0], card), (words) => {
      document.querySelector(".pay .field-error").textContent = words;
    });
  };
  const node = h("section.pay", { "aria-label": _("Payment") },
    heading(_("Pay")),
    cart.check?.status === "PASSED" ? notice("good", _("The check is done. Thank you!")) : null,
    cart.check?.status === "FAILED_ALLOW_PAYMENT" ? notice("warn", _("Staff have put your basket right. Look at it before you pay.")) : null,
    summary(cart),
    h("form", { submit: send }, ways(), trouble, h("button.primary.big", { disabled: !METHODS.length }, _("Pay {sum}", { sum }))),
    h("a.quiet.button", { href: to("basket") }, _("Back to the basket")));
  return { node };
}

function ways() {
  if (!METHODS.length) return notice("bad", _("This store takes no payments by phone yet. Please go to the till."));
  if (METHODS[0] !== "SANDBOX") {
    return h("div.field", {}, h("label", { for: "f-card" }, _("Payment method")),
      h("input", { id: "f-card", name: "card", required: true, autocomplete: "off" }));
  }
  return h("fieldset.options", {}, h("legend", {}, _("Test cards: no money moves")),
    SANDBOX_CARDS.map(([card, words]) =>
      h("label.option", {},
        h("input", { type: "radio", name: "card", value: card, checked: card === chosen, change: () => (chosen = card) }),
        h("span", {}, h("strong", {}, words()), h("small", {}, `•••• ${card.slice(-4)}`)))));
}

function summary(cart) {
  const { currency, total } = cart;
  const effects = cart.campaigns.filter((effect) => effect.struck);
  const vat = total.rates.length
    ? total.rates.map((rate) => sumRow(_("VAT {rate} %", { rate: number(rate.VATRate) }), rate.VATSum, currency, "small"))
    : [sumRow(_("VAT"), total.vat.VATSum, currency, "small")];
  return h("div.summary", {},
    h("ul.summary-lines", {}, cart.lines.map((line) =>
      h("li", {}, h("span", {}, `${quantityOf(line.product, line.quantity)} × ${named(line.product.translatableName)}`),
        h("span", {}, money(line.rowTotal, currency))))),
    effects.length ? h("ul.effects", {}, effects.map((effect) => effectRow(effect, currency))) : null,
    h("dl.sums", {},
      cart.shipment ? sumRow(methodWords(cart.shipment.method), cart.shipment.price || 0, currency) : null,
      (cart.receipt?.loyaltyCards || []).filter((card) => card.bonusUsed).map((card) => sumRow(_("Paid with bonus"), -card.bonusUsed, currency)),
      cart.receiptDifference ? sumRow(_("Difference on the store's receipt"), cart.receiptDifference, currency) : null,
      vat,
      sumRow(_("Total"), total.totalToPay, currency, "total")));
}
