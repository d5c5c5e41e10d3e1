/** How a scan is felt: a sound, a tremble, a flash, and words for those who listen. */

import { h } from "./dom.js";
import { kept } from "./storage.js";

let sounds = null;

/** Lets sounds be made from now on; browsers allow it in answer to a touch only. */
export function allowSounds() {
  const Context = globalThis.AudioContext || globalThis.webkitAudioContext;
  if (!Context) return;
  sounds ||= new Context();
  if (sounds.state === "suspended") sounds.resume();
}

function beep(hertz, seconds) {
  if (sounds?.state !== "running" || kept("sound") === false) return;
  const tone = new OscillatorNode(sounds, { frequency: hertz });
  const volume = new GainNode(sounds, { gain: 0.15 });
  volume.gain.setTargetAtTime(0, sounds.currentTime + seconds * 0.6, seconds / 6);
  tone.connect(volume).connect(sounds.destination);
  tone.start();
  tone.stop(sounds.currentTime + seconds);
}

function tremble(pattern) {
  if (kept("vibration") !== false) navigator.vibrate?.(pattern);
}

function flash(kind) {
  const glass = document.getElementById("flash");
  glass.className = "";
  void glass.offsetWidth; // so that the animation begins anew
  glass.className = kind;
}

/** Says something to a screen reader, the same words again included. */
export function announce(words) {
  const region = document.getElementById("announcements");
  region.replaceChildren(h("p", {}, words));
}

/** A scan counted. */
export function counted(words) {
  beep(1_150, 0.11);
  tremble(60);
  flash("counted");
  announce(words);
}

/** A scan did not count. */
export function refused(words) {
  beep(230, 0.35);
  tremble([90, 60, 90]);
  flash("refused");
  announce(words);
}

/** A short message at the screen's edge, with something to do about it where `action` is `{words, run}`. */
export function toast(words, action) {
  const place = document.getElementById("toasts");
  const undo = action && h("button.quiet", { type: "button", click: () => (message.remove(), action.run()) }, action.words);
  const message = h("div.toast", {}, h("span", {}, words), undo);
  place.replaceChildren(message);
  setTimeout(() => message.remove(), action ? 8_000 : 5_000);
}
