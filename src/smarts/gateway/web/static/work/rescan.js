/** A rescan of a part: the pieces in the bag are counted first; whatever differs makes it a rescan of everything. */

import { amounts, countOf, fill, gapOf, later, list, rows, thousandths, words } from "./goods.js";
import { ask } from "./searching.js";

const bag = document.getElementById("bag");
const place = `bag ${words.id}`;
const LONGEST_COUNT = 4;
let onGrown = () => {};
let counted = JSON.parse(sessionStorage.getItem(place) || '{"tries": 0}');

/** Whether only a part is to be rescanned, as far as is known. */
export const isPart = () => list.dataset.part === "1";

/** Whether the part is as it should be: the bag holds as many pieces, and each product is there. */
export const isPartDone = () => counted.right === true && rows().every((row) => gapOf(row) === 0);

/** Whether something has differed, so that nothing passes before all of it was scanned. */
export const isGrown = () => list.dataset.grown === "1";

/** What is asked for yet, for those who look at the sum below. */
export const wordsOfPart = () => (counted.right ? "" : words.bag);

/** What was counted, as it is sent: all rows once they are dealt with, or those that are; nothing where nobody counted. */
export function rescanned(whole) {
  const dealtWith = rows().filter((row) => whole || gapOf(row) <= 0);
  if (counted.pieces === undefined && !dealtWith.some((row) => countOf(row) > 0)) return "";
  return JSON.stringify({ pieces: counted.pieces, products: amounts(dealtWith) });
}

/** Everything is to be rescanned from now on; whoever goes on with the check is told so by the server. */
export function grow() {
  if (!isPart()) return;
  Object.assign(list.dataset, { part: "", grown: "1" });
  for (const row of later()) {
    row.hidden = false;
    delete row.dataset.later;
  }
  bag.hidden = true;
  document.getElementById("grown").hidden = false;
  for (const each of document.querySelectorAll(".part-only")) each.hidden = true;
  sessionStorage.removeItem(place);
  const lookedAt = rows().filter((row) => row.dataset.part || countOf(row) > 0);
  ask("rescan", { rescanned: JSON.stringify({ pieces: counted.pieces, differs: true, products: amounts(lookedAt) }) });
  onGrown();
}

function keep(next) {
  counted = next;
  sessionStorage.setItem(place, JSON.stringify(counted));
}

/** A wrong number is counted once more, since people miscount; the second one that is wrong counts. */
function onCount(pieces) {
  const right = pieces === thousandths(Number(bag.dataset.pieces));
  keep({ pieces, right, tries: counted.tries + 1 });
  if (!right && counted.tries > 1) return grow();
  showBag();
  onGrown();
}

function showBag() {
  const told = document.getElementById("bag-words");
  document.getElementById("bag-form").hidden = counted.right === true;
  told.textContent = counted.right ? fill(words.rightly, { count: counted.pieces }) : counted.tries ? words.again : "";
  told.className = counted.right ? "good" : "bad";
}

/** Lets a part be rescanned; `onCode` takes what a scanner types into the wrong field, `changed` hears of every change. */
export function rescanning(onCode, changed) {
  onGrown = changed;
  if (!isPart()) return;
  showBag();
  document.getElementById("bag-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const field = document.getElementById("bag-count");
    const typed = field.value.trim();
    field.value = "";
    if (typed.length > LONGEST_COUNT) onCode(typed);
    else if (/^\d+$/.test(typed)) onCount(Number(typed));
    field.blur();
  });
  document.getElementById("differs").addEventListener("click", grow);
}
