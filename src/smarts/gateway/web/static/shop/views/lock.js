/** The lock screen: a big code for staff to scan; it goes away by itself when they are done. */

import { attempt } from "../attempt.js";
import { h, icon } from "../dom.js";
import { announce } from "../feedback.js";
import { ask, bigCode, heading } from "../parts.js";
import { giveUp, unlock } from "../shopping.js";
import { _ } from "../texts.js";
import { reasonsWords, until } from "../words.js";

/** The part of the checkout screen. */
export function lockPart(cart) {
  const { check } = cart;
  const expired = h("button.primary.big", { type: "button", click: ({ currentTarget }) => attempt(currentTarget, unlock) }, _("Nobody came: go on"));
  const left = new Date(check.expiresAt) - Date.now();
  expired.hidden = left > 0;
  const timer = setTimeout(() => (expired.hidden = false), Math.min(Math.max(left, 0), 2 ** 31 - 1));
  const awake = keepAwake();
  const words = check.decision === "FULL" ? _("Staff look through your basket") : _("Staff look at your age");
  const reasons = reasonsWords(cart);
  announce(_("A check: {what}. Show the code on the screen to them.", { what: words }));
  const node = h("section.locked", { "aria-label": _("Waiting for a check") },
    heading(_("A short check")),
    h("p.lead", {}, words, ". ", _("Show them this code:")),
    bigCode(cart.invoiceId, _("The code of this purchase, for staff to scan")),
    h("p.code-words", {}, cart.invoiceId),
    reasons.length ? h("ul.reasons", {}, reasons.map((words) => h("li", {}, words))) : null,
    h("p.waiting-words", { role: "status" }, icon("clock"), _("This screen goes on by itself when they are done.")),
    h("p.hint", {}, _("The check ends by itself at {time}.", { time: until(check.expiresAt) })),
    expired,
    h("button.quiet", { type: "button", click: abandon }, _("Give up the purchase")));
  return { node, leave: () => (clearTimeout(timer), awake.then((lock) => lock?.release())) };
}

/** Keeps the screen lit where the browser can, so that the code can be scanned. */
async function keepAwake() {
  return navigator.wakeLock?.request("screen").catch(() => null);
}

async function abandon({ currentTarget }) {
  if (await ask(_("Leave everything and empty the basket?"), _("Empty it"))) await attempt(currentTarget, giveUp);
}
