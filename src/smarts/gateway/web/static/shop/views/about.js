/** The shopper: language, who they are as far as they tell, how a scan is felt, and their data. */

import { forgetMe, tell } from "../api.js";
import { attempt } from "../attempt.js";
import { h, icon } from "../dom.js";
import { toast } from "../feedback.js";
import { ask, failed, field, heading, loading } from "../parts.js";
import { save } from "../saving.js";
import { look } from "../shopping.js";
import { keep, kept } from "../storage.js";
import { _, language } from "../texts.js";

const LANGUAGES = { et: "Eesti", en: "English", ru: "Русский" };

/** The screen. */
export function aboutView() {
  const form = h("div", {}, loading());
  const fill = async () => form.replaceChildren(profileForm(await look("/shoppers/me")));
  attempt(null, fill, (words) => form.replaceChildren(failed(words)));
  const node = h("div.narrow-page.about", {}, heading(_("About me")), languages(), form, feelings(), data());
  return { title: _("About me"), node };
}

function languages() {
  const link = ([code, name]) =>
    h("a.chip", { href: `/shop?lang=${code}#/about`, lang: code, "aria-current": code === language ? "true" : null }, name);
  return h("nav.shelves", { "aria-label": _("Language") }, Object.entries(LANGUAGES).map(link));
}

function profileForm(profile) {
  const trouble = h("p.field-error", { role: "alert" });
  const client = _("With your email you are a client of the store: some campaigns are for clients only.");
  const form = h("form.card", { submit: send, novalidate: true },
    field("name", _("Name"), { value: profile.name, autocomplete: "name", maxlength: "200" }),
    field("email", _("Email address"), { type: "email", value: profile.email, autocomplete: "email", maxlength: "254" }, client),
    field("phone", _("Phone number"), { type: "tel", value: profile.phone, autocomplete: "tel", maxlength: "30" }),
    trouble, h("button.primary.wide-button", {}, _("Save")));

  async function send(event) {
    event.preventDefault();
    const told = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim() || null]));
    mark(form, []);
    trouble.textContent = "";
    const done = await attempt(form.querySelector("button"), () => tell(told), (words, error) => {
      trouble.textContent = mark(form, error.errors || []) || words;
    });
    if (done) toast(_("Saved"));
  }
  return form;
}

const WRONG = {
  name: () => _("This is not a name"),
  email: () => _("This is not an email address"),
  phone: () => _("This is not a phone number"),
};

/** Marks the fields that are wrong; gives what is wrong with the first of them. */
function mark(form, errors) {
  const wrong = errors.map(({ path }) => path.replace("$.", "")).filter((name) => WRONG[name]);
  for (const name of Object.keys(WRONG)) form.elements[name].setAttribute("aria-invalid", String(wrong.includes(name)));
  form.elements[wrong[0]]?.focus();
  return wrong.length ? WRONG[wrong[0]]() : "";
}

function feelings() {
  const choice = (name, words) => h("label.check", {},
    h("input", { type: "checkbox", role: "switch", checked: kept(name) !== false, change: ({ target }) => keep(name, target.checked) }), words);
  return h("section.card", {}, h("h2", {}, _("When a scan counts")),
    choice("sound", _("Sound")),
    navigator.vibrate ? choice("vibration", _("Vibration")) : null);
}

function data() {
  return h("section.card", {}, h("h2", {}, _("My data")),
    h("p.hint", {}, _("All that is kept of you can be seen and erased at any time.")),
    h("div.actions-column", {},
      h("button", { type: "button", click: download }, icon("receipt"), _("Download my data")),
      h("button.danger", { type: "button", click: erase }, icon("trash"), _("Erase me"))));
}

async function download({ currentTarget }) {
  await attempt(currentTarget, async () => {
    const text = JSON.stringify(await look("/shoppers/me/data"), null, 2);
    save(new Blob([text], { type: "application/json" }), "smarts.json");
  });
}

async function erase({ currentTarget }) {
  if (!(await ask(_("Erase all that is kept of you? Purchases, orders and cards are gone from this phone for good."), _("Erase me")))) return;
  if (await attempt(currentTarget, forgetMe)) location.replace("/shop");
}
