/** Doing what a button says, once at a time, and saying what went wrong. */

import { OfflineError, Problem } from "./api.js";
import { announce, toast } from "./feedback.js";
import { problemWords } from "./words.js";

/** Runs `work` while the button waits; gives whether it went well. What went wrong is told to the shopper. */
export async function attempt(button, work, tell = toast) {
  if (button?.getAttribute("aria-busy") === "true") return false;
  button?.setAttribute("aria-busy", "true");
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Problem || error instanceof OfflineError)) throw error;
    const words = problemWords(error);
    tell(words, error);
    announce(words);
    return false;
  } finally {
    button?.removeAttribute("aria-busy");
  }
}
