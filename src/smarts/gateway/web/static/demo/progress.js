/** How far a newcomer is on the way through a purchase: told by the cart alone, so that any way through it counts. */

const hasAgeLimit = (line) => (line.product.inspections || []).some((rule) => rule.type === "MIN_AGE");
const AFTER_SHOPPING = { LOCKED: "check", READY: "pay", PAID: "receipt" };

/** The step that comes next for a cart, or where there is none. */
export function stepOf(cart) {
  if (AFTER_SHOPPING[cart?.state]) return AFTER_SHOPPING[cart.state];
  if (cart?.state !== "OPEN" || !cart.lines.length) return "scan";
  return cart.lines.some(hasAgeLimit) ? "check-out" : "age";
}
