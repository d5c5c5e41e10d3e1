/** What the gateway tells in codes, as sentences: inspections, campaigns, checks, orders, and what went wrong. */

import { OfflineError } from "./api.js";
import { _, clock, hoursAndMinutes, listed, money, named, number, unitName } from "./texts.js";

const INSPECTIONS = {
  BETWEEN_TIME: (rule) => _("Sold from {start} to {end}", { start: hoursAndMinutes(rule.start), end: hoursAndMinutes(rule.end) }),
  MIN_TIME: (rule) => _("Sold from {time}", { time: hoursAndMinutes(rule.time) }),
  MAX_TIME: (rule) => _("Sold until {time}", { time: hoursAndMinutes(rule.time) }),
  MIN_AGE: (rule) => _("{age}+: staff will check", { age: rule.age }),
  MIN_AMOUNT: (rule) => _("At least {amount}", { amount: number(rule.amount) }),
  MAX_AMOUNT: (rule) => _("At most {amount}", { amount: number(rule.amount) }),
};

/** An inspection of a product in words. */
export function inspectionWords(rule) {
  return INSPECTIONS[rule.type]?.(rule) || "";
}

const EFFECTS = {
  CHANGED_AMOUNT: (it) => _("You pay for {newAmount} of {amount}", { newAmount: number(it.newAmount), amount: number(it.amount) }),
  CHANGED_UNIT_PRICE: (it) =>
    _("{newPrice} instead of {price} for one", {
      newPrice: money(it.newUnitPrice, it.currency), price: money(it.unitPrice, it.currency),
    }),
  CHANGED_ROW: (it) => _("{after} instead of {before}", sums(it)),
  CHANGED_TOTAL: (it) => _("The purchase costs {after} instead of {before}", sums(it)),
  UNCHANGED: (it) => BEGINNINGS[it.needs]?.(it) || _("No effect this time"),
};

const BEGINNINGS = {
  amount: (it) => _("From {amount} on", { amount: number(it.from) }),
  total: (it) => _("From about {sum} on", { sum: money(it.fromWithVat, it.currency) }),
};

const sums = (it) => ({ after: money(it.after, it.currency), before: money(it.before, it.currency) });

/** What a campaign did, in words. */
export function effectWords(effect) {
  return EFFECTS[effect.reason]?.(effect.parameters) || effect.words;
}

const NUDGES = {
  EACH_CHEAPER: (it) => _("{more} more and each costs {sum} less", { more: it.more, sum: money(it.eachLess, it.currency) }),
  PAY_FOR_FEWER: (it) =>
    _("{more} more and you pay for {newAmount} of {amount}", { more: it.more, newAmount: number(it.payFor), amount: number(it.quantity) }),
  ROW_CHEAPER: (it) =>
    _("{more} more and all {amount} cost {after}", { more: it.more, amount: number(it.quantity), after: money(it.rowTotal, it.currency) }),
  PURCHASE_CHEAPER: (it) =>
    _("{more} more and you pay {after} in all: {sum} saved", {
      more: it.more, after: money(it.total, it.currency), sum: money(it.saving, it.currency),
    }),
};

/** What a little more of something would save, in words. */
export function hintWords(hint) {
  return NUDGES[hint.reason]?.(hint.parameters) || hint.words;
}

/** What a campaign took off, or put on with a plus: `−0.50 €`. */
export function effectSum(effect, currency) {
  const change = effect.after - effect.before;
  return `${change > 0 ? "+" : "−"}${money(Math.abs(change), currency)}`;
}

const GOODS_REASONS = {
  BETWEEN_TIME: (it) => _("{name}: sold from {start} to {end}", it),
  MIN_TIME: (it) => _("{name}: sold from {time}", it),
  MAX_TIME: (it) => _("{name}: sold until {time}", it),
  MIN_AGE: (it) => _("{age}+: have your identity card ready", it),
  MIN_AMOUNT: (it) => _("{name}: buy at least {amount}", { ...it, amount: number(it.amount) }),
  MAX_AMOUNT: (it) => _("{name}: at most {amount} can be bought", { ...it, amount: number(it.amount) }),
};

const CHECK_REASONS = {
  CHECK_FAILED: () => _("The last check found a fault"),
  STORE_SHARE: () => _("This purchase was chosen by chance"),
  STORE_ESTIMATE: () => _("This purchase was chosen by chance"),
  STORE_FIRST_PURCHASE: () => _("The first purchase in a store is checked"),
  STORE_TOTAL: (it) => _("Purchases over {total} are checked here", { total: money(it.total, it.currency) }),
  STORE_PIECES: (it) => _("Purchases of more than {pieces} pieces are checked here", it),
  STORE_GOODS: () => _("Some of these goods are checked more often here"),
  STORE_AFTER_FAILED: () => _("An earlier check was not all right, so this purchase is checked, too"),
  STORE_LEFT: () => _("A check was due before and did not take place"),
  STORE_ELSEWHERE: () => _("Another purchase of yours is under way in another store"),
  STORE_AGE: () => _("Where goods have an age limit, everything is checked here"),
  STORE_UNANSWERED: () => _("The store's system does not answer, so staff look at the purchase"),
};

/** Why staff look at a purchase, each reason once. The first sentence of the screen says that the store wants it. */
export function reasonsWords({ check, lines }) {
  const told = check.reasons.filter((reason) => reason.code !== "STORE").map((reason) => {
    const line = lines.find((each) => each.lineId === reason.lineId);
    const words = line
      ? GOODS_REASONS[reason.code]?.({ ...reason.parameters, name: named(line.product.translatableName) })
      : CHECK_REASONS[reason.code]?.(reason.parameters);
    return words || reason.message;
  });
  return [...new Set(told)];
}

const STATUSES = {
  DRAFT: () => _("Being paid"),
  PAYMENT_FAILED: () => _("Payment failed"),
  WAITING_FOR_CONFIRMATION: () => _("The store has your order"),
  CONFIRMED: () => _("Confirmed"),
  ASSEMBLE_READY: () => _("Packed"),
  SHIPPING: () => _("On its way"),
  READY_TO_PICKUP: () => _("Ready to be picked up"),
  COMPLETED: () => _("Delivered"),
  CANCELLED_BY_CLIENT: () => _("You cancelled it"),
  CANCELLED_BY_INSTITUTION: () => _("The store cancelled it"),
  MISSED: () => _("Not carried out"),
};

/** Where an order stands. */
export function statusWords(status) {
  return STATUSES[status]?.() || status;
}

const METHODS = {
  COURIER: () => _("Courier to your door"),
  PARCEL: () => _("Parcel machine"),
  PICKUP: () => _("Pick up at the store"),
};

/** A way of delivery. */
export function methodWords(method) {
  return METHODS[method]?.() || method;
}

const PROBLEMS = {
  "product-unknown": () => _("This store does not sell it"),
  "cart-locked": () => _("Staff check this purchase: nothing can change until they are done"),
  "cart-closed": () => _("This purchase is finished; the next scan begins a new one"),
  "cart-full": () => _("The basket is full"),
  "cart-empty": () => _("Scan something first"),
  "cart-changed": () => _("The purchase has changed: look at it again"),
  "receipt-new": () => _("The store has recalculated: look at the total again"),
  "lock-not-expired": () => _("Staff are still checking"),
  "payment-declined": () => _("The payment was declined. Try another card"),
  "payment-unknown": () => _("The bank did not answer in time. Try again: you will not pay twice"),
  "payment-action-needed": () => _("Confirm the payment at your bank, then press Pay again"),
  "payment-under-way": () => _("A payment is under way. Try again in a moment"),
  "order-cancelled": () => _("The store has cancelled the order"),
  "card-taken": () => _("Somebody else has linked this card"),
  "card-another": () => _("Another card of this kind is linked already"),
  "card-retired": () => _("This kind of card is no longer given out"),
  "bonus-needs-receipt": () => _("Bonus cannot be used in this store"),
  "order-change-refused": () => _("The order has gone too far to be cancelled"),
  "node-down": () => _("The store's system does not answer"),
  "node-slow": () => _("The store's system takes too long"),
  "node-nonsense": () => _("The store's system gave an unusable answer"),
  "too-many": () => _("Too many tries. Wait a moment"),
  "cart-not-ready": () => _("Check out again before you pay"),
  "receipts-absent": () => _("The store cannot make a receipt now. Please go to the till"),
  "payment-not-held": () => _("The payment is over already"),
  "order-open": () => _("An order of yours is not finished yet: wait for it, or cancel it"),
  "order-under-way": () => _("The goods go out at this moment. Look again soon"),
  "order-payment-refused": () => _("The bank refused the payment for this order"),
  "order-payment-unknown": () => _("The bank did not answer in time. Look again soon"),
  "payment-step-under-way": () => _("Something is being done with the payment. Look again soon"),
  "delivery-not-offered": () => _("The store does not deliver this way now. Choose another one"),
  "cards-absent": () => _("This store links no cards by phone. Ask in the store"),
  "decoder-busy": () => _("Too many scan at once. Try again in a moment"),
  "idempotency-key-reused": () => _("This was sent before. Look at your purchase again"),
  "product-refused": () => _("The store does not sell this now"),
  "card-refused": () => _("The store does not accept this card"),
  refused: () => _("The store does not accept this"),
  conflict: () => _("That is not possible now. Look at it again"),
  forbidden: () => _("You may not do this"),
  "not-found": () => _("It is not there any more"),
  "feature-absent": () => _("This store does not offer that"),
  "token-unknown": () => _("This phone is not known any more. Open the app again"),
  "wrong-shape": () => _("Something here is not right. Look at what you typed"),
  "too-large": () => _("That is too much at once"),
  "body-slow": () => _("The connection is too slow. Try again"),
  "storage-unavailable": () => _("Smarts is out of order for a moment. Try again soon"),
  internal: () => _("Something went wrong at Smarts. Try again soon"),
  "too-old": () => _("It waited for too long. Scan it again"),
};

/** What went wrong, in words, and what can be done all the same. */
export function problemWords(error) {
  if (error instanceof OfflineError) return _("No connection. Try again when it is back");
  const words = refusalWords(error) || (PROBLEMS[error.type] || PROBLEMS[error.status < 500 ? "conflict" : "internal"])();
  return [words, stillWords(error.stillWorks)].filter(Boolean).join(". ");
}

const STILL = {
  cart: () => _("change the basket"),
  "check-out": () => _("check out"),
  pay: () => _("pay"),
  staff: () => _("ask the staff"),
};

/** What can be done in the store while its system fails; nothing where nobody says. */
export function stillWords(stillWorks) {
  const known = (stillWorks || []).filter((each) => STILL[each]).map((each) => STILL[each]());
  return known.length ? _("You can still {what}", { what: listed(known) }) : "";
}

/** Why scans wait although there is a connection, and how to go on without them; nothing where they just wait. */
export function waitingWords(scans) {
  const stuck = scans.find((scan) => scan.trouble?.startsWith("node-"));
  if (!stuck) return "";
  const words = [PROBLEMS[stuck.trouble](), _("What was scanned counts as soon as it does, or can be left out")];
  return [...words, stillWords(stuck.stillWorks)].filter(Boolean).join(". ");
}

const REFUSALS = [
  [/^(.+): Sold only from (\S+) to (\S+)$/, (name, start, end) => _("{name}: sold from {start} to {end}", { name, start, end })],
  [/^(.+): Sold only from (\S+)$/, (name, time) => _("{name}: sold from {time}", { name, time })],
  [/^(.+): Sold only until (\S+)$/, (name, time) => _("{name}: sold until {time}", { name, time })],
  [/^(.+): At least (\S+) have to be bought$/, (name, amount) => _("{name}: buy at least {amount}", { name, amount })],
  [/^(.+): At most (\S+) can be bought$/, (name, amount) => _("{name}: at most {amount} can be bought", { name, amount })],
];

/** Why a product may not be bought, in the shopper's language; why the store refuses a card, in the store's own words. */
function refusalWords(error) {
  if (error.type === "card-refused") return error.message;
  if (error.type !== "product-refused") return null;
  for (const [sentence, words] of REFUSALS) {
    const found = sentence.exec(error.message);
    if (found) return words(...found.slice(1));
  }
  return null;
}

const TYPED = {
  CARD_NUMER: () => _("Card number"),
  IDCODE: () => _("Personal code"),
  PHONE: () => _("Phone number"),
  EMAIL: () => _("Email address"),
};

/** What a shopper types to link a card. */
export function typedWords(kind) {
  return (TYPED[kind] || TYPED.CARD_NUMER)();
}

/** How long until a moment, for people: the time of day of it. */
export function until(text) {
  return clock(new Date(text));
}

/** The price of one piece or unit. */
export function unitPrice(product, currency) {
  const sum = money(product.price.total, currency);
  return product.weightItem ? `${sum}/${unitName(product.quantity?.unit || "KILOGRAM")}` : sum;
}
