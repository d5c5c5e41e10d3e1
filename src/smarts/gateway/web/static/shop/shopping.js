/** What a shopper does with a cart: each verb asks the gateway, and shows the cart that it answers with. */

import { call, newKey, OfflineError, Problem } from "./api.js";
import { follow } from "./events.js";
import { exclusively } from "./locks.js";
import { Queue } from "./queue.js";
import { change, state } from "./state.js";
import { keep, kept, onChangeElsewhere } from "./storage.js";

const ENDED = ["PAID", "CANCELLED"];
const PAGE = 500; // stores
const REMEMBERED = 50; // stores
let following = null;

const tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel("smarts.carts") : null;
const listening = new Set();

const queue = new Queue({
  send: sendScan,
  changed: () => change({ waiting: queue.waiting }),
  refused: (scan, problem) => {
    change({ refused: [{ scan, problem }, ...state.refused].slice(0, 5) });
    for (const heard of listening) heard({ refused: scan, problem });
  },
});

/** Calls back with each scan's end: `{counted: scan, line}` or `{refused: scan, problem}`. */
export function onScanned(heard) {
  listening.add(heard);
  return () => listening.delete(heard);
}

/** Asks; notes whether anybody answered. */
async function ask(...request) {
  try {
    const answer = await call(...request);
    if (!state.reachable) change({ reachable: true });
    return answer;
  } catch (error) {
    change({ reachable: !(error instanceof OfflineError) });
    throw error;
  }
}

const path = (more = "") => `/carts/${state.cart.id}${more}`;

/** Takes up what was begun: the store, its cart, and the scans that wait; first what the phone knows of them. */
export async function takeUp(storeId) {
  onChangeElsewhere((name) => {
    if (name === "cart") reload();
  });
  tabs?.addEventListener("message", ({ data }) => accept(data, { quietly: true }));
  addEventListener("online", reload);
  addEventListener("offline", () => change({ reachable: false }));
  document.addEventListener("visibilitychange", followCart);
  const begun = kept("cart");
  const known = kept("stores") || [];
  const wanted = storeId || begun?.storeId || kept("store");
  if (storeId && begun && begun.storeId !== storeId) keep("cart", null);
  change({
    store: known.find((each) => each.institutionId === wanted) || null,
    stores: known.length ? known : null,
    cart: cartAsItWas(),
    waiting: queue.waiting,
  });
  followCart();
  await Promise.allSettled([arrive(wanted), reload()]);
  queue.hurry();
}

/** The cart as this phone saw it last, until the gateway tells more; without a connection it is all there is. */
function cartAsItWas() {
  const cart = kept("shown");
  return cart && cart.id === kept("cart")?.cartId ? cart : null;
}

/** Reads all stores, which only those need who choose one. */
export async function readStores() {
  const stores = [];
  for (let after = ""; ; ) {
    const page = await ask("GET", `/stores?limit=${PAGE}${after && `&after=${encodeURIComponent(after)}`}`);
    stores.push(...page);
    if (page.length < PAGE) break;
    after = page.at(-1).institutionId;
  }
  const store = state.store || (stores.length === 1 ? stores[0] : null);
  remember(store ? [store, ...stores] : stores);
  change({ stores, store });
}

/** Reads the store that one is in, or all where there is none such. */
async function arrive(wanted) {
  const store = wanted && (await findStore(wanted));
  if (!store) return readStores();
  remember([store]);
  change({ store });
}

/** A store by its id, or null where there is none such. */
export async function findStore(id) {
  try {
    return await ask("GET", `/stores/${encodeURIComponent(id)}`);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

/** Keeps stores for when there is no connection; those that were known before after them, some dozens in all. */
function remember(stores) {
  const known = new Map();
  for (const each of [...stores, ...(kept("stores") || [])]) {
    if (!known.has(each.institutionId)) known.set(each.institutionId, each);
  }
  keep("stores", [...known.values()].slice(0, REMEMBERED));
}

/** Shops in a store from now on; a cart of another store is left behind. */
export async function choose(store) {
  if (kept("cart")?.storeId !== store.institutionId) await leaveCart();
  keep("store", store.institutionId);
  remember([store]);
  change({ store });
}

async function leaveCart() {
  const left = state.cart;
  for (const { name } of queue.waiting) queue.drop(name);
  forget();
  if (left && !ENDED.includes(left.state)) await call("DELETE", `/carts/${left.id}`).catch(() => {});
}

/** Reads the cart anew, as another tab or the gateway may have changed it. */
export async function reload() {
  const begun = kept("cart")?.cartId;
  const id = begun || state.cart?.id;
  if (!id) return change({ cart: null });
  try {
    const cart = await ask("GET", `/carts/${id}`);
    if (begun || ENDED.includes(cart.state)) accept(cart);
    else change({ cart: null });
  } catch (error) {
    if (error instanceof Problem && error.status === 404) forget();
    else if (!begun) change({ cart: null });
  }
}

/** Shows a cart, unless what is shown is newer; other tabs are told. */
function accept(cart, { quietly = false } = {}) {
  const begun = kept("cart")?.cartId;
  if (begun !== cart.id && state.cart?.id !== cart.id) return; // another tab may have ended what this one shows
  if (state.cart?.id === cart.id && state.cart.updatedAt > cart.updatedAt) return;
  if (!quietly) tabs?.postMessage(cart);
  if (ENDED.includes(cart.state)) {
    if (begun === cart.id) keep("cart", null);
    change({ cart: null, ended: cart });
  } else {
    keep("shown", cart);
    change({ cart });
  }
  followCart();
}

function forget() {
  keep("cart", null);
  change({ cart: null });
  followCart();
}

/** Hears of changes while somebody looks: staff unlock the cart, or another phone's tab scans. */
function followCart() {
  const wanted = document.visibilityState === "visible" ? state.cart?.id : null;
  if (following?.cartId === (wanted || undefined)) return;
  following?.end.abort();
  following = wanted ? { cartId: wanted, end: new AbortController() } : null;
  if (!wanted) return;
  const lost = () => change({ reachable: false });
  follow(`/carts/${wanted}/events`, following.end.signal, (cart) => {
    if (!state.reachable) change({ reachable: true });
    accept(cart);
    if (state.waiting.length) queue.hurry();
  }, lost);
}

async function cartFor(storeId) {
  return exclusively("cart", async () => {
    const begun = kept("cart");
    if (begun?.cartId && begun.storeId === storeId) return begun.cartId;
    const key = begun?.storeId === storeId ? begun.key : newKey();
    keep("cart", { storeId, key });
    const cart = await ask("POST", "/carts", { body: { institutionId: storeId }, key });
    keep("cart", { storeId, cartId: cart.id });
    accept(cart);
    return cart.id;
  });
}

async function sendScan({ storeId, cartId, barcode, quantity, key }) {
  const id = cartId || (await cartFor(storeId));
  const body = quantity === undefined ? { barcode } : { barcode, quantity };
  const cart = await ask("POST", `/carts/${id}/lines`, { body, key });
  accept(cart);
  const line = cart.lines.find((each) => each.product.barcode === barcode) || cart.lines.at(-1);
  for (const heard of listening) heard({ counted: { barcode, quantity }, line });
}

/** Counts a scan: it is kept at once, and sent as soon as there is a connection. */
export function scan(barcode, quantity) {
  queue.add({ storeId: state.store.institutionId, cartId: state.cart?.id, barcode, quantity });
}

/** Forgets a scan that waits. */
export function dropScan(name) {
  queue.drop(name);
}

/** Puts away the notes on scans that did not count. */
export function dismissRefused() {
  change({ refused: [] });
}

/** Sets a line's quantity; none takes it out. */
export async function setQuantity(line, quantity) {
  const place = path(`/lines/${line.lineId}`);
  accept(quantity > 0 ? await ask("PATCH", place, { body: { quantity } }) : await ask("DELETE", place));
}

/** Checks out: the cart is READY to be paid, or LOCKED until staff have looked at it. */
export async function checkOut() {
  accept(await ask("POST", path("/checkout"), { key: newKey() }));
}

/** Unlocks a cart whose lock has expired. */
export async function unlock() {
  accept(await ask("POST", path("/unlock"), { key: newKey() }));
}

/** Pays what is on the screen, and nothing else. */
export async function pay(method, card) {
  const total = state.cart.total.totalToPay;
  const body = { method, total, ...(card ? { card } : {}) };
  try {
    accept(await ask("POST", path("/payment"), { body, key: newKey() }));
  } catch (error) {
    await reload();
    throw error;
  }
}

/** Gives the cart up. */
export async function giveUp() {
  accept(await ask("DELETE", path()));
}

/** Has the goods brought, or takes them along where `choice` is null. */
export async function deliver(choice) {
  const place = path("/shipment");
  accept(choice ? await ask("PUT", place, { body: choice }) : await ask("DELETE", place));
}

/** Uses these loyalty cards and no others: entries of `{id, useBonusOnPayment}`. */
export async function useCards(cards) {
  accept(await ask("PUT", path("/loyalty-cards"), { body: { cards } }));
}

/** Begins a cart where there is none, so that cards and delivery can be chosen for it. */
export async function beginCart() {
  if (!state.cart) await cartFor(state.store.institutionId);
}

/** What the gateway has under a path; for lists and pages beside the cart. */
export function look(place) {
  return ask("GET", place);
}

/** Asks the gateway to do something beside the cart. */
export function act(method, place, body) {
  const key = method === "POST" ? newKey() : undefined;
  return ask(method, place, { body, key });
}
