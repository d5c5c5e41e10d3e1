/** One tab at a time, where the browser can see to it; elsewhere the requests' keys keep anything from happening twice. */

/** Runs `work` while no other tab runs something under the same name. */
export function exclusively(name, work) {
  return navigator.locks ? navigator.locks.request(`smarts.${name}`, work) : work();
}
