/** A scan from the moment in which it is seen. */

import { counted } from "./feedback.js";
import { scan } from "./shopping.js";
import { state } from "./state.js";
import { _, named } from "./texts.js";

/** Counts a scan on the screen, in the ear and in the hand, before anybody else has heard of it. */
export function scanned(barcode, quantity, name) {
  const known = state.cart?.lines.find((line) => line.product.barcode === barcode);
  const product = name || (known ? named(known.product.translatableName) : barcode);
  scan(barcode, quantity);
  counted(_("Scanned: {product}", { product }));
}
