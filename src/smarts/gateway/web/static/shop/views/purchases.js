/** What was bought and ordered, newest first. */

import { attempt } from "../attempt.js";
import { h, icon } from "../dom.js";
import { to } from "../moving.js";
import { failed, heading, loading, nothing } from "../parts.js";
import { look } from "../shopping.js";
import { _, day, moment, money } from "../texts.js";
import { statusWords } from "../words.js";

const PAGE = 20;

/** The screen. */
export function purchasesView() {
  const orders = h("ul.list", { "aria-label": _("Orders") });
  const purchases = h("ul.list", { "aria-label": _("Purchases") });
  const place = h("div", {}, loading());
  const more = h("button", { type: "button", hidden: true, click: ({ currentTarget }) => attempt(currentTarget, next) }, _("Show more"));
  let last = "";

  async function next() {
    const found = await look(`/purchases?limit=${PAGE}${last && `&after=${encodeURIComponent(last)}`}`);
    purchases.append(...found.map(purchaseRow));
    last = found.at(-1)?.invoiceId || last;
    more.hidden = found.length < PAGE;
  }

  async function fill() {
    const [ordered] = await Promise.all([look(`/orders?limit=${PAGE}`), next()]);
    orders.replaceChildren(...ordered.map(orderRow));
    const empty = !ordered.length && !purchases.children.length;
    place.replaceChildren(...(empty ? [nothing("receipt", _("Nothing bought yet."))] : []));
  }

  attempt(null, fill, (words) => place.replaceChildren(failed(words)));
  const node = h("div.narrow-page", {}, heading(_("My purchases")), place, orders, purchases, more);
  return { title: _("My purchases"), node };
}

function purchaseRow(purchase) {
  return row("receipt", to("purchases", purchase.invoiceId), purchase.storeName, moment(purchase.paidAt),
    money(purchase.total, purchase.currency));
}

function orderRow(order) {
  return row("truck", to("orders", order.id), statusWords(order.shipment.status), day(order.created),
    money(order.orderTotalPrice, order.currency));
}

function row(picture, address, words, small, sum) {
  return h("li", {}, h("a.row", { href: address }, icon(picture),
    h("span", {}, h("strong", {}, words), h("small", {}, small)),
    h("span.row-sum", {}, sum), icon("next")));
}
