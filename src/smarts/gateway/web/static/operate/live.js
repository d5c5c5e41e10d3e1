/** The page renews its parts by themselves: what is focused, ticked or scrolled to stays as it is. */

const EVERY = 10_000; // milliseconds
const button = document.getElementById("live");

function isLive() {
  return button.getAttribute("aria-pressed") === "true";
}

function ticked(part) {
  return [...part.querySelectorAll("input:checked")].map((input) => input.id);
}

/** Puts a part's new content in, where it differs. */
function replace(part, fresh) {
  if (part.innerHTML === fresh.innerHTML) return;
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const kept = ticked(part);
  const place = focused && { id: focused.id, href: focused.getAttribute("href") };
  part.replaceChildren(...fresh.childNodes);
  for (const id of kept) {
    const input = document.getElementById(id);
    if (input) input.checked = true;
  }
  if (!place) return;
  const same = place.id ? document.getElementById(place.id) : place.href && part.querySelector(`[href="${CSS.escape(place.href)}"]`);
  same?.focus({ preventScroll: true });
}

async function renew() {
  if (!isLive() || document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.getElementById(part.id);
    if (other) replace(part, other);
  }
}

button.hidden = false;
button.addEventListener("click", () => {
  button.setAttribute("aria-pressed", String(!isLive()));
  renew();
});
document.addEventListener("visibilitychange", renew);
setInterval(renew, EVERY);
