/** What the rules would have done to the latest baskets, told anew while they are typed. */

const PAUSE = 300; // milliseconds without a change before the rules are tried
const form = document.getElementById("rules");
const place = document.getElementById("trial");
const said = document.getElementById("trial-said");
let timer = null;
let asking = null;

async function told(signal) {
  const body = new URLSearchParams(new FormData(form));
  const options = { method: "POST", body, signal, headers: { Accept: "application/json" } };
  const answer = await fetch(`${location.pathname}/trial`, options);
  if (answer.status === 401) location.reload();
  return answer.ok ? answer.text() : null;
}

async function attempt() {
  asking?.abort();
  const mine = (asking = new AbortController());
  place.setAttribute("aria-busy", "true");
  const html = await told(mine.signal).catch(() => null);
  if (mine.signal.aborted) return; // what was typed since is being tried
  place.removeAttribute("aria-busy");
  if (html === null) return;
  place.replaceChildren(document.createRange().createContextualFragment(html));
  said.textContent = place.querySelector("[data-said]")?.dataset.said || "";
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(attempt, PAUSE);
});
document.getElementById("try").hidden = true; // the page without scripts needs it
