/** The basket: scanning, what is in it, what it costs. */

import { attempt } from "../attempt.js";
import { scanned } from "../counting.js";
import { h, icon, keyed, show } from "../dom.js";
import { announce } from "../feedback.js";
import { go, to } from "../moving.js";
import { ask, heading, iconButton, nothing, notice, sumRow } from "../parts.js";
import { checkOut, choose, dismissRefused, dropScan, findStore, giveUp, onScanned } from "../shopping.js";
import { state } from "../state.js";
import { _, money, named } from "../texts.js";
import { methodWords, problemWords, waitingWords } from "../words.js";
import { effectRow, lineRow, Quantities } from "./line.js";
import { offersLink } from "./search.js";
import { wantsWeight, weigh } from "./weighing.js";
import { scanner } from "./scanner.js";

/** The screen. */
export function basketView() {
  const quantities = new Quantities(() => update(state));
  const scanning = scanner(seen);
  const waiting = h("ul.lines.waiting", { "aria-label": _("On their way") });
  const lines = h("ul.lines", { "aria-label": _("In the basket") });
  const renderWaiting = keyed(waiting, (each) => each.name, waitingRow);
  const renderLines = keyed(lines, (each) => each.lineId, (line) => lineRow(line, quantities));
  const notes = h("div.notes", {});
  const extras = h("div.extras", {});
  const bar = h("div.bar", {});
  const empty = nothing("basket", _("Your basket is empty. Scan the first thing you take."), offersLink());
  const renderBar = renewed(bar, barOf);
  const renderExtras = renewed(extras, extrasOf);
  const renderNotes = renewed(notes, notesOf);

  function update({ cart, waiting: scans, refused, ended }) {
    if (cart?.state === "LOCKED") return go("checkout", { instead: true });
    renderNotes({ refused, ended, check: cart?.check, stuck: waitingWords(scans) });
    renderWaiting([...scans].reverse().map(({ name, barcode, quantity }) => ({ name, barcode, quantity, known: nameIn(cart, barcode) })));
    renderLines([...(cart?.lines || [])].reverse().map((line) => quantities.shownIn(line, cart)));
    show(extras.previousElementSibling, cart?.lines.length || scans.length ? null : empty);
    renderExtras(cart);
    renderBar({ cart, waits: scans.length });
  }

  const silence = onScanned(({ counted: scan, line }) => {
    if (scan && line) announce(afterWords(line));
    if (scan && line && wantsWeight(scan, line)) weigh(line, quantities);
  });
  const node = h("div.basket", {},
    h("div.scan-side", {}, scanning.node),
    h("div.goods-side", {}, heading(_("Basket"), iconButton("trash", _("Give up"), { click: abandon })),
      notes, waiting, lines, h("div", {}), extras),
    bar);
  return { title: _("Basket"), node, update, leave: () => (scanning.leave(), silence()) };
}

/** What the camera saw: goods, or the door of another store. */
function seen({ barcode, quantity, institutionId }) {
  if (barcode) scanned(barcode, quantity);
  else if (institutionId && institutionId !== state.store?.institutionId) attempt(null, () => enter(institutionId));
}

async function enter(institutionId) {
  const other = await findStore(institutionId);
  if (other) await choose(other);
}

/** Renders a place anew only where what it shows has changed. */
function renewed(place, make) {
  let before = "";
  return (about) => {
    const looks = JSON.stringify(about ?? null);
    if (looks === before) return;
    before = looks;
    place.replaceChildren(...[make(about)].flat().filter(Boolean));
  };
}

const nameIn = (cart, barcode) => {
  const line = cart?.lines.find((each) => each.product.barcode === barcode);
  return line ? named(line.product.translatableName) : "";
};

function afterWords(line) {
  const { currency, total } = state.cart || {};
  if (!currency) return "";
  return _("{product}: {price}. In all {total}", {
    product: named(line.product.translatableName),
    price: money(line.rowTotal, currency),
    total: money(total.totalToPay, currency),
  });
}

function waitingRow({ name, barcode, quantity, known }) {
  const drop = () => dropScan(name);
  return h("li.line.on-its-way", {},
    h("div.line-text", {}, h("strong", {}, known || barcode), h("small", {}, _("Counted; the price is on its way"))),
    quantity ? h("span", {}, quantity) : null,
    iconButton("close", _("Forget this scan: {barcode}", { barcode }), { click: drop }));
}

function notesOf({ refused, ended, check, stuck }) {
  const told = refused.map(({ scan, problem }) =>
    notice("bad", h("strong", {}, scan.barcode), " ", problemWords(problem)));
  told[0]?.append(iconButton("close", _("Understood"), { click: dismissRefused }));
  const more = [stuck, outcomeWords(ended, check)].filter(Boolean);
  more.forEach(announce);
  return [...told, ...more.map((words) => notice("warn", words))];
}

/** What came of a check that did not lead to the payment. */
function outcomeWords(ended, check) {
  if (check?.status === "FAILED") return _("Staff found a fault. Look at your basket and check out again.");
  if (check?.status === "EXPIRED") return _("Nobody came to check in time. Check out again.");
  if (ended?.state === "CANCELLED" && ended.check) return _("Staff have cancelled the purchase.");
  return "";
}

function extrasOf(cart) {
  if (!cart?.lines.length) return [];
  const effects = cart.campaigns.filter((effect) => effect.struck);
  return [
    effects.length ? h("ul.effects", { "aria-label": _("Campaigns") }, effects.map((each) => effectRow(each, cart.currency))) : null,
    h("a.row", { href: to("delivery") }, icon("truck"),
      h("span", {}, h("strong", {}, cart.shipment ? methodWords(cart.shipment.method) : _("Take the goods with you")),
        h("small", {}, cart.shipment ? priceWords(cart) : _("or have them delivered"))),
      icon("next")),
    h("a.row", { href: to("cards") }, icon("card"),
      h("span", {}, h("strong", {}, _("Loyalty cards")),
        h("small", {}, cart.loyaltyCards.length ? cart.loyaltyCards.map((card) => card.cardNumber).join(", ") : _("none in use"))),
      icon("next")),
  ];
}

const priceWords = ({ shipment, currency }) => (shipment.price ? money(shipment.price, currency) : _("free"));

function barOf({ cart, waits }) {
  if (!cart?.lines.length && !waits) return [];
  const currency = cart?.currency || state.store.currency;
  const pieces = (cart?.lines || []).reduce((sum, line) => sum + (line.product.weightItem ? 1 : line.quantity), waits);
  const out = h("button.primary.big", {
    type: "button", disabled: waits > 0 || !cart?.lines.length, click: (event) => leaveFor(event.currentTarget, cart),
  }, cart?.state === "READY" ? _("Pay") : _("Check out"));
  return [
    h("dl.sums", { "aria-live": "off" },
      h("div.sum", {}, h("dt", {}, _("Pieces: {count}", { count: pieces })), h("dd", {}, waits ? _("On their way: {count}", { count: waits }) : "")),
      sumRow(_("Total"), cart?.total.totalToPay || 0, currency, "total")),
    out,
  ];
}

async function leaveFor(button, cart) {
  if (cart.state === "READY" || (await attempt(button, checkOut))) go("checkout");
}

async function abandon(event) {
  if (!state.cart) return;
  const button = event.currentTarget;
  if (await ask(_("Leave everything and empty the basket?"), _("Empty it"))) await attempt(button, giveUp);
}
