/** The receipt: a code for the exit, and all that was paid. It prints well. */

import { file } from "../api.js";
import { attempt } from "../attempt.js";
import { h, icon } from "../dom.js";
import { bigCode, failed, heading, loading, sumRow } from "../parts.js";
import { shareOrSave } from "../saving.js";
import { look } from "../shopping.js";
import { state } from "../state.js";
import { _, addressLine, moment, money, named, number, quantityOf } from "../texts.js";

/** The screen. */
export function purchaseView(invoiceId) {
  const place = h("div", {}, loading());
  const fresh = state.ended?.invoiceId === invoiceId && state.ended.state === "PAID";
  const fill = async () => place.replaceChildren(receipt(await look(`/purchases/${encodeURIComponent(invoiceId)}`)));
  attempt(null, fill, (words) => place.replaceChildren(failed(words)));
  const node = h("div.narrow-page", {}, heading(fresh ? _("Thank you! It is paid.") : _("Receipt")), place);
  return { title: _("Receipt"), node };
}

function receipt(purchase) {
  const { currency } = purchase;
  const seller = purchase.invoice?.seller;
  return h("article.receipt", {},
    bigCode(purchase.invoiceId, _("The code of this receipt, for the exit")),
    h("p.code-words", {}, purchase.invoiceId),
    h("header", {},
      h("strong", {}, purchase.storeName),
      seller?.address && h("span", {}, addressLine(seller.address)),
      seller?.vatNumber && h("span", {}, _("VAT number {number}", { number: seller.vatNumber })),
      h("span", {}, moment(purchase.paidAt)),
      purchase.institutionInvoiceId && h("span", {}, _("Number {number}", { number: purchase.institutionInvoiceId }))),
    h("ul.summary-lines", {}, rowsOf(purchase).map(({ name, amount, sum }) =>
      h("li", {}, h("span", {}, `${amount} × ${name}`), h("span", {}, money(sum, currency))))),
    h("dl.sums", {}, sumsOf(purchase), sumRow(_("Total"), purchase.total, currency, "total")),
    h("div.actions-column", {},
      h("button.primary", { type: "button", click: (event) => givePdf(event.currentTarget, purchase) }, icon("receipt"), _("Receipt as PDF")),
      h("button", { type: "button", click: () => print() }, _("Print"))));
}

async function givePdf(button, { invoiceId, paidAt }) {
  const path = `/purchases/${encodeURIComponent(invoiceId)}/receipt.pdf`;
  await attempt(button, async () => shareOrSave(await file(path), `smarts-${paidAt.slice(0, 10)}.pdf`));
}

/** The rows of an invoice, or of the store's own receipt; their details are kept for two months. */
function rowsOf({ invoice, receipt: own }) {
  if (invoice) {
    return invoice.products.map((product) => ({
      name: named(product.translatableName), amount: quantityOf(product, product.quantity?.value ?? 1), sum: product.price.total,
    }));
  }
  return (own?.products || []).map((row) => ({ name: row.productName, amount: number(row.amount), sum: row.rowPrice }));
}

function sumsOf({ invoice, receipt: own, rates, vatSum, currency }) {
  const shipment = (invoice || own)?.shipment;
  const rows = shipment?.price ? [sumRow(_("Delivery"), shipment.price, currency)] : [];
  for (const card of own?.loyaltyCards || []) {
    if (card.bonusUsed) rows.push(sumRow(_("Paid with bonus"), -card.bonusUsed, currency));
    if (card.bonusEarned) rows.push(sumRow(_("Bonus earned"), card.bonusEarned, currency, "small"));
  }
  const vat = rates?.length
    ? rates.map((rate) => sumRow(_("VAT {rate} %", { rate: number(rate.VATRate) }), rate.VATSum, currency, "small"))
    : [sumRow(_("VAT"), vatSum, currency, "small")];
  return [...rows, ...vat];
}
