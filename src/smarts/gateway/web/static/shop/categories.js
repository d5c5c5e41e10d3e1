/** The stores' categories, asked for once while the app is open. */

import { look } from "./shopping.js";

const asked = new Map();

/** All categories of a store, as a list in the store's own order. */
export function categoriesOf(storeId) {
  if (!asked.has(storeId)) {
    const answer = look(`/stores/${storeId}/categories`);
    answer.catch(() => asked.delete(storeId));
    asked.set(storeId, answer);
  }
  return asked.get(storeId);
}
