/** The gateway's shopper API: who is asking, how it answers, and what went wrong. */

import { exclusively } from "./locks.js";
import { keep, kept, namesOf } from "./storage.js";
import { langCode } from "./texts.js";

const BASE = "/shop/v1";
const PATIENCE = 20_000; // milliseconds

/**
 * The gateway refused: `type` names the kind of error, `retryable` says whether the same may work later, `stillWorks`
 * what can be done although the store's system fails.
 */
export class Problem extends Error {
  constructor(status, document) {
    super(document.detail || document.title || String(status));
    this.status = status;
    this.type = document.type || "";
    this.retryable = document.retryable ?? status >= 500;
    this.errors = document.errors || [];
    this.stillWorks = document.stillWorks || [];
  }
}

/** Nobody answered: the phone has no connection, or the gateway is out of reach. */
export class OfflineError extends Error {}

/** A key that makes a request safe to repeat. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function ask(method, path, headers, body, signal) {
  const patience = AbortSignal.timeout(PATIENCE);
  try {
    return await fetch(BASE + path, {
      method,
      headers,
      body,
      cache: "no-store",
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new OfflineError(error.message);
  }
}

async function answerOf(response) {
  if (response.status === 204) return null;
  let document;
  try {
    document = await response.json();
  } catch (error) {
    if (response.ok) throw new OfflineError(error.message); // the connection broke in the middle
    document = {};
  }
  if (!response.ok) throw new Problem(response.status, document);
  return document;
}

/** Joins without a question; a join whose answer was lost is repeated, so that nobody joins twice. */
async function join() {
  return exclusively("join", async () => {
    const known = kept("session");
    if (known) return known;
    const request = kept("joining") || { key: newKey(), body: { langCode } };
    keep("joining", request);
    const headers = { "Content-Type": "application/json", "Idempotency-Key": request.key };
    const session = await answerOf(await ask("POST", "/shoppers", headers, JSON.stringify(request.body)));
    keep("session", { ...session, langCode: request.body.langCode });
    keep("joining", null);
    return kept("session");
  });
}

async function headersFor(more) {
  const session = kept("session") || (await join());
  return { Authorization: `Bearer ${session.token}`, ...more };
}

/** Sends a request as this shopper and gives the bare response; a shopper whom nobody knows any more joins anew. */
export async function request(method, path, { body, type = "application/json", key, signal } = {}) {
  const more = body === undefined ? {} : { "Content-Type": type };
  if (key) more["Idempotency-Key"] = key;
  const response = await ask(method, path, await headersFor(more), body, signal);
  if (response.status !== 401) return response;
  keep("session", null);
  return ask(method, path, await headersFor(more), body, signal);
}

/** Calls the API: gives the decoded answer, or throws `Problem` or `OfflineError`. */
export async function call(method, path, { body, ...more } = {}) {
  const encoded = body === undefined ? undefined : JSON.stringify(body);
  return answerOf(await request(method, path, { body: encoded, ...more }));
}

/** Opens a path's event stream, which may stay open for as long as anybody reads it. */
export async function openStream(path, signal) {
  return fetch(BASE + path, { headers: await headersFor({}), signal, cache: "no-store" });
}

/** Sends bytes, such as a frame of the camera; gives the decoded answer. */
export async function send(path, bytes, type) {
  return answerOf(await request("POST", path, { body: bytes, type }));
}

/** Gives the bytes of a file that the gateway makes. */
export async function file(path) {
  const response = await request("GET", path);
  return response.ok ? response.blob() : answerOf(response);
}

/** Tells the gateway more of the shopper; null takes away what was told. */
export function tell(changes) {
  return call("PATCH", "/shoppers/me", { body: changes });
}

/** Erases the shopper, and all that this phone keeps of them. */
export async function forgetMe() {
  await call("DELETE", "/shoppers/me");
  for (const name of namesOf("")) keep(name, null);
}

/** Tells the gateway which language this page is in, where that has changed since it was told. */
export async function tellLanguage() {
  const session = kept("session");
  if (!session || session.langCode === langCode) return;
  await tell({ langCode });
  keep("session", { ...kept("session"), langCode });
}
