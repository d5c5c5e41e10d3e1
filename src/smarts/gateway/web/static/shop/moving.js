/** From screen to screen: `#/purchases/4711` names the screen and what it shows, so that going back works. */

/** The screen that the address names. */
export function here() {
  const [name, id] = location.hash.replace(/^#\/?/, "").split("/");
  return { name: name || "basket", id: id && decodeURIComponent(id) };
}

/** The address of a screen. */
export function to(name, id) {
  return `#/${name}${id ? `/${encodeURIComponent(id)}` : ""}`;
}

/** Goes to a screen; with `instead` the way back leads past the one that is left. */
export function go(name, { id, instead = false } = {}) {
  const address = to(name, id);
  if (!instead) location.hash = address;
  else {
    history.replaceState(null, "", address);
    dispatchEvent(new HashChangeEvent("hashchange"));
  }
}

/** Calls back after every move. */
export function onMove(moved) {
  addEventListener("hashchange", moved);
}
