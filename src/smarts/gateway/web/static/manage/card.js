/** The editor of a kind of card: shows it as shoppers will see it while it is typed, and sends its picture. */

import { paint } from "./faces.js";

const form = document.getElementById("card");
const fields = form.elements;
const preview = document.querySelector(".preview");
const face = preview.querySelector(".card-face");
const code = document.documentElement.lang.toUpperCase();
const picture = document.getElementById("picture");
const told = document.getElementById("h-picture");
const LEAST_CONTRAST = 4.5; // of writing with what is behind it (WCAG 1.4.3)
const INK = { DARK: "#ffffff", LIGHT: "#162023" };

const wordsOf = (name) => (fields[name + code]?.value || fields[name].value).trim();

function luminance(color) {
  const [red, green, blue] = [1, 3, 5].map((place) => {
    const share = parseInt(color.slice(place, place + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function renew() {
  const theme = fields.colorTheme.value;
  const colors = [fields.colorFrom.value, fields.colorTo.value];
  Object.assign(face.dataset, { theme, start: colors[0], end: colors[1] });
  paint(face);
  face.querySelector("strong").textContent = wordsOf("name");
  face.querySelector(".says").textContent = wordsOf("description");
  const image = face.querySelector("img");
  image.hidden = fields.noImage.checked || !fields.imageId.value;
  if (!image.hidden) image.src = `/shop/v1/images/${encodeURIComponent(fields.imageId.value)}`;
  document.getElementById("contrast").hidden = colors.every((color) => contrast(color, INK[theme]) >= LEAST_CONTRAST);
}

function unfit(file) {
  if (!fields.picture.accept.split(",").includes(file.type)) return told.dataset.odd;
  return file.size > Number(form.dataset.largest) ? told.dataset.large : "";
}

async function send(file) {
  const headers = { "Content-Type": file.type, "X-CSRF-Token": fields.csrf.value };
  const answer = await fetch(form.dataset.images, { method: "POST", body: file, headers }).catch(() => null);
  if (!answer?.ok) return answer?.status === 422 ? told.dataset.odd : told.dataset.failed;
  fields.imageId.value = (await answer.json()).imageId;
  fields.noImage.checked = false;
  return told.dataset.there;
}

async function choosePicture() {
  const [file] = fields.picture.files;
  if (!file) return;
  told.textContent = unfit(file) || (await send(file));
  renew();
}

fields.picture.addEventListener("change", choosePicture);
form.addEventListener("input", renew);
picture.hidden = false;
renew();
