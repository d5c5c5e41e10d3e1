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
  const expired = h("button.primary.big", { type: "button", click: ({ currentTarget }) => attempt(currentTarget, unlock) }, _("Nobody came: continue"));
  const left = new Date(check.expiresAt) - Date.now();
  expired.hidden = left > 0;
  const timer = setTimeout(() => (expired.hidden = false), Math.min(Math.max(left, 0), 2 ** 31 - 1));
  const sleeps = keepAwake();
  const words = check.decision === "FULL" ? _("Staff will check your basket") : _("Staff will check your age");
  const reasons = reasonsWords(cart);
  announce(_("A check: {what}. Show the code on the screen to them.", { what: words }));
  const node = h("section.locked", { "aria-label": _("Waiting for a check") },
    heading(_("A short check")),
    h("p.lead", {}, words, ". ", _("Show them this code:")),
    bigCode(cart.invoiceId, _("The code of this purchase, for staff to scan")),
    h("p.code-words", {}, cart.invoiceId),
    reasons.length ? h("ul.reasons", {}, reasons.map((words) => h("li", {}, words))) : null,
    h("p.waiting-words", { role: "status" }, icon("clock"), _("This screen goes on by itself when they are done.")),
    h("p.hint", {}, _("Is the code hard to scan? Make your screen brighter.")),
    h("p.hint", {}, _("The check ends by itself at {time}.", { time: until(check.expiresAt) })),
    expired,
    h("button.quiet", { type: "button", click: abandon }, _("Cancel the purchase")));
  return { node, leave: () => (clearTimeout(timer), sleeps()) };
}

/** Keeps the screen lit where the browser can, so that the code can be scanned, until the function that this gives is called. */
function keepAwake() {
  const end = new AbortController();
  let lit = null;
  const light = async () => {
    if (document.visibilityState !== "visible") return; // the browser has let go of it, and gives none now
    lit = await navigator.wakeLock?.request("screen").catch(() => null);
    if (end.signal.aborted) lit?.release();
  };
  document.addEventListener("visibilitychange", light, { signal: end.signal });
  light();
  return () => (end.abort(), lit?.release());
}

async function abandon({ currentTarget }) {
  if (await ask(_("Leave everything and empty the basket?"), _("Empty it"))) await attempt(currentTarget, giveUp);
}
