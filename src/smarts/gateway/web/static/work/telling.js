/** How the worker's app is heard: sounds, and words for those who listen. */

import { allowSounds, counted } from "../shop/feedback.js";

export { allowSounds };

/** Says something politely: after whatever is being said. */
export function announce(words) {
  const region = document.getElementById("polite");
  region.textContent = "";
  setTimeout(() => (region.textContent = words), 50); // the same words again are heard again
}

/** Somebody new waits. */
export function chime() {
  counted("");
}
