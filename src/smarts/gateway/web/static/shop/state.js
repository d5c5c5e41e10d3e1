/** What all screens show, in one place: who changes it says so, and whoever shows it hears of it. */

const listeners = new Set();

/**
 * `stores` is null until they are known; `store` the chosen one, `cart` the open one, `ended` the cart that was paid for
 * or given up last. `waiting` are scans on their way, `refused` scans that will not count. `reachable` says whether the
 * gateway answered last.
 */
export const state = {
  stores: null,
  store: null,
  cart: null,
  ended: null,
  waiting: [],
  refused: [],
  reachable: true,
};

/** Changes what is shown. */
export function change(changes) {
  Object.assign(state, changes);
  for (const listener of [...listeners]) listener(state);
}

/** Calls back whenever the gateway answers again after it did not. */
export function onReachable(listener) {
  let before = state.reachable;
  onChange(({ reachable }) => {
    const back = reachable && !before;
    before = reachable;
    if (back) listener();
  });
}

/** Calls back after every change, until the function that this gives is called. */
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
