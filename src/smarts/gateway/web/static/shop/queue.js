/**
 * Scans on their way to the gateway. Each is kept in the phone, under a name of its own, until it is answered, and goes
 * out with a key of its own: whatever breaks, it counts once. One tab sends, the oldest scan first.
 */

import { newKey, OfflineError } from "./api.js";
import { exclusively } from "./locks.js";
import { keep, kept, namesOf, onChangeElsewhere } from "./storage.js";

const BEGINNING = "scan.";
const TOO_OLD = 20 * 60 * 60 * 1000; // milliseconds; the gateway knows keys for a day, and nothing is sent without one
const PAUSES = [700, 1_500, 3_000, 6_000]; // milliseconds between tries

/** Scans that wait; `send` carries one out, `changed` hears of every change, `refused` of what will never count. */
export class Queue {
  #send;
  #changed;
  #refused;
  #sending = false;
  #more = false; // something was added while sending, perhaps after the last look for more
  #tries = 0;
  #timer = 0;

  constructor({ send, changed, refused }) {
    this.#send = send;
    this.#changed = changed;
    this.#refused = refused;
    onChangeElsewhere((name) => {
      if (name.startsWith(BEGINNING)) changed();
    });
    addEventListener("online", () => this.hurry());
  }

  /** The scans that wait, oldest first; `trouble` of each says why it still does, `stillWorks` what can be done. */
  get waiting() {
    return namesOf(BEGINNING).map((name) => ({ name, ...kept(name) })).filter((scan) => scan.key);
  }

  /** Keeps a scan and sends it as soon as it can be sent. */
  add(scan) {
    const at = Date.now();
    const key = newKey();
    keep(`${BEGINNING}${at}.${key}`, { ...scan, at, key });
    this.#changed();
    this.hurry();
  }

  /** Forgets a scan that waits. */
  drop(name) {
    keep(name, null);
    this.#changed();
  }

  /** Sends what waits now, without finishing the pause after the last try. */
  async hurry() {
    clearTimeout(this.#timer);
    this.#more = this.#sending;
    if (this.#sending) return;
    this.#sending = true;
    try {
      await exclusively("scans", () => this.#drain());
      this.#tries = 0;
    } catch (error) {
      if (!(error instanceof OfflineError || error.retryable)) throw error;
      this.#timer = setTimeout(() => this.hurry(), PAUSES[Math.min(this.#tries, PAUSES.length - 1)]);
      this.#tries += 1;
    } finally {
      this.#sending = false;
      this.#changed();
      if (this.#more) this.hurry();
    }
  }

  /** Sends all that waits; what the store cannot answer now holds up nothing behind it, and is tried again later. */
  async #drain() {
    const tried = new Set();
    let trouble = null;
    for (let scan = this.#next(tried); scan; scan = this.#next(tried)) {
      tried.add(scan.name);
      trouble = (await this.#carryOut(scan)) || trouble;
      if (trouble instanceof OfflineError) break;
    }
    if (trouble) throw trouble;
  }

  #next(tried) {
    return this.waiting.find((scan) => !tried.has(scan.name));
  }

  /** Carries a scan out; gives what went wrong where it may go well later. */
  async #carryOut(scan) {
    try {
      if (Date.now() - scan.at > TOO_OLD) throw new TooOldError();
      await this.#send(scan);
    } catch (error) {
      if (error instanceof OfflineError || error.retryable) {
        this.#remember(scan, error);
        return error;
      }
      this.#refused(scan, error);
    }
    this.drop(scan.name);
    return null;
  }

  #remember({ name, ...scan }, error) {
    const trouble = error instanceof OfflineError ? "offline" : error.type;
    if (kept(name) && scan.trouble !== trouble) keep(name, { ...scan, trouble, stillWorks: error.stillWorks });
  }
}

/** A scan that waited for so long that the gateway may have forgotten its key. */
export class TooOldError extends Error {
  type = "too-old";
}
