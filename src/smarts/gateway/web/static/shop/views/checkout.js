/** From the basket to the exit: the lock while staff check, then the payment. The cart's state says which. */

import { go } from "../moving.js";
import { h } from "../dom.js";
import { _ } from "../texts.js";
import { lockPart } from "./lock.js";
import { payPart } from "./pay.js";

const PARTS = { LOCKED: lockPart, READY: payPart };

/** The screen. */
export function checkoutView() {
  const node = h("div.narrow-page", {});
  let part = null;
  let about = null;

  function update({ cart, ended }) {
    if (!cart) return go(...afterwards(ended));
    if (cart.state === "OPEN") return go("basket", { instead: true });
    const looks = JSON.stringify(cart);
    if (looks === about) return;
    about = looks;
    part?.leave?.();
    part = PARTS[cart.state](cart);
    node.replaceChildren(part.node);
    part.node.querySelector("h1").focus({ preventScroll: true });
  }

  return { title: _("Check out"), node, update, leave: () => part?.leave?.() };
}

/** Where a purchase leads that is over: paid for, ordered, or given up. */
function afterwards(ended) {
  if (ended?.state !== "PAID") return ["basket", { instead: true }];
  return ended.orderId
    ? ["orders", { id: ended.orderId, instead: true }]
    : ["purchases", { id: ended.invoiceId, instead: true }];
}
