/** An order, live: where it is, what is in it, and calling it off while that is possible. */

import { attempt } from "../attempt.js";
import { follow } from "../events.js";
import { h, icon } from "../dom.js";
import { announce } from "../feedback.js";
import { to } from "../moving.js";
import { ask, bigCode, failed, heading, loading, sumRow } from "../parts.js";
import { act, look } from "../shopping.js";
import { _, addressLine, moment, money, number } from "../texts.js";
import { methodWords, statusWords } from "../words.js";

const WAY = {
  COURIER: ["WAITING_FOR_CONFIRMATION", "CONFIRMED", "ASSEMBLE_READY", "SHIPPING", "COMPLETED"],
  PARCEL: ["WAITING_FOR_CONFIRMATION", "CONFIRMED", "ASSEMBLE_READY", "SHIPPING", "COMPLETED"],
  PICKUP: ["WAITING_FOR_CONFIRMATION", "CONFIRMED", "ASSEMBLE_READY", "READY_TO_PICKUP", "COMPLETED"],
};
const CANCELLABLE = ["WAITING_FOR_CONFIRMATION", "CONFIRMED", "ASSEMBLE_READY"];
const BILLED = ["SHIPPING", "READY_TO_PICKUP", "COMPLETED"];

/** The screen. */
export function orderView(id) {
  const place = h("div", {}, loading());
  const end = new AbortController();
  const address = `/orders/${encodeURIComponent(id)}`;
  let status = null;

  function present(order) {
    const now = order.shipment.status;
    if (status && status !== now) announce(_("Your order: {status}", { status: statusWords(now) }));
    status = now;
    place.replaceChildren(orderPart(order, () => cancel(address, present)));
  }

  const fill = async () => {
    present(await look(address));
    follow(`${address}/events`, end.signal, present);
  };
  attempt(null, fill, (words) => place.replaceChildren(failed(words)));
  const node = h("div.narrow-page", {}, heading(_("Your order")), place);
  return { title: _("Your order"), node, leave: () => end.abort() };
}

async function cancel(address, present) {
  if (!(await ask(_("Cancel the order?"), _("Cancel the order")))) return;
  await attempt(null, async () => present(await act("POST", `${address}/cancel`)));
}

function orderPart(order, callOff) {
  const { shipment, currency } = order;
  return h("article.order", {},
    h("p.lead", { role: "status" }, statusWords(shipment.status)),
    steps(shipment),
    fetching(shipment) ? codePart(order) : null,
    h("p", {}, icon("truck"), " ", methodWords(shipment.method), shipment.address || shipment.name ? ": " : "",
      [shipment.name, addressLine(shipment.address)].filter(Boolean).join(", ")),
    shipment.expectedDeliveryUTCTime && CANCELLABLE.includes(shipment.status)
      ? h("p", {}, icon("clock"), " ", _("Expected by {time}", { time: moment(shipment.expectedDeliveryUTCTime) })) : null,
    h("ul.summary-lines", {}, order.products.map((row) =>
      h("li", {}, h("span", {}, `${number(row.amount)} × ${row.productName}`, insteadOf(row)), h("span", {}, money(row.rowPrice, currency))))),
    order.replacementsWelcome && CANCELLABLE.includes(shipment.status)
      ? h("p.hint", {}, _("What is out is replaced by something like it, for no more money.")) : null,
    h("dl.sums", {},
      shipment.price ? sumRow(_("Delivery"), shipment.price, currency) : null,
      sumRow(_("Total"), order.orderTotalPrice, currency, "total")),
    h("p.hint", {}, CANCELLABLE.includes(shipment.status) ? _("Your money is only held until the goods go out.") : ""),
    BILLED.includes(shipment.status) && order.invoiceId
      ? h("a.button", { href: to("purchases", order.invoiceId) }, _("Receipt")) : null,
    CANCELLABLE.includes(shipment.status)
      ? h("button.quiet", { type: "button", click: callOff }, _("Cancel the order")) : null);
}

const fetching = ({ method, status }) => method === "PICKUP" && status === "READY_TO_PICKUP";

function codePart(order) {
  return h("section.handing-over", { "aria-label": _("Pick up your goods") },
    h("p", {}, _("Show this code in the store when you pick up your goods:")),
    bigCode(order.id, _("The code of this order, for staff to scan")));
}

function insteadOf(row) {
  return row.replaces ? h("small", {}, ` ${_("instead of {name}", { name: row.replacedName || row.replaces })}`) : null;
}

function steps({ method, status }) {
  const way = WAY[method] || [];
  const reached = way.indexOf(status);
  if (reached < 0) return null;
  return h("ol.steps", {}, way.map((step, place) =>
    h("li", { class: place < reached ? "done" : null, "aria-current": place === reached ? "step" : null },
      h("span", {}, statusWords(step)))));
}
