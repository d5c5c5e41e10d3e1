/** Fills in where the browser is, when it is asked to. */

const place = document.getElementById("here");
const button = place.querySelector("button");
const status = place.querySelector("[role=status]");

function fill({ coords }) {
  document.getElementById("f-latitude").value = coords.latitude.toFixed(6);
  document.getElementById("f-longitude").value = coords.longitude.toFixed(6);
  status.textContent = place.dataset.found;
}

function ask() {
  status.textContent = "";
  const refused = () => (status.textContent = place.dataset.refused);
  navigator.geolocation.getCurrentPosition(fill, refused, { enableHighAccuracy: true, timeout: 20_000 });
}

if ("geolocation" in navigator) {
  place.hidden = false;
  button.addEventListener("click", ask);
}
