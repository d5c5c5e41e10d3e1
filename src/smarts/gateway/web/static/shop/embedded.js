/** Inside the demonstration's page: what is picked from its shelf is scanned, as if the camera had seen it. */

/**
 * Calls back with each barcode from the page around this one. Only pages of our own may show this one in a frame
 * (`frame-ancestors`), and nobody but the page around it is listened to.
 */
export function onPicked(picked) {
  if (parent === self) return;
  addEventListener("message", ({ origin, source, data }) => {
    if (origin === location.origin && source === parent && typeof data?.barcode === "string") picked(data.barcode);
  });
}
