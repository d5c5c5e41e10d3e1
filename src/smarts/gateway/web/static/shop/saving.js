/** Giving the shopper a file. */

import { h } from "./dom.js";

/** Has the browser save a file. */
export function save(blob, name) {
  const address = URL.createObjectURL(blob);
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Shares a file with another app where the phone can, else has it saved. */
export async function shareOrSave(blob, name) {
  const file = new File([blob], name, { type: blob.type });
  if (!navigator.canShare?.({ files: [file] })) return save(blob, name);
  try {
    await navigator.share({ files: [file] });
  } catch (error) {
    if (error.name !== "AbortError") save(blob, name); // AbortError: the shopper thought better of it
  }
}
