/** Home delivery: whether, how and where to. */

import { attempt } from "../attempt.js";
import { h } from "../dom.js";
import { go } from "../moving.js";
import { failed, field, heading, loading, nothing } from "../parts.js";
import { deliver, look } from "../shopping.js";
import { state } from "../state.js";
import { keep, kept } from "../storage.js";
import { _, addressLine, moment, money } from "../texts.js";
import { methodWords } from "../words.js";

/** The screen. */
export function deliveryView() {
  const place = h("div", {}, loading());
  const fill = async () => {
    const offers = await look(`/stores/${state.store.institutionId}/delivery-methods`);
    place.replaceChildren(choosing(offers));
  };
  attempt(null, fill, (words) => place.replaceChildren(failed(words)));
  const node = h("div.narrow-page", {}, heading(_("How do you want to get your goods?")), place);
  return { title: _("Delivery"), node };
}

function choosing(offers) {
  const chosen = state.cart?.shipment?.method || "";
  const details = h("div", {});
  const trouble = h("p.field-error", { role: "alert" });
  const pick = ({ target }) => details.replaceChildren(...fieldsOf(offers.find((each) => each.method === target.value)));
  const option = (value, words, more) =>
    h("label.option", {},
      h("input", { type: "radio", name: "method", value, checked: value === chosen, change: pick }),
      h("span", {}, h("strong", {}, words), h("small", {}, more)));

  async function save(event) {
    event.preventDefault();
    const form = event.currentTarget;
    const choice = choiceOf(new FormData(form));
    if (choice) keep("recipient", Object.fromEntries(new FormData(form)));
    const done = await attempt(form.querySelector("button"), () => deliver(choice), (words) => {
      trouble.textContent = words;
    });
    if (done) go("basket");
  }

  details.replaceChildren(...fieldsOf(offers.find((each) => each.method === chosen)));
  return h("form", { submit: save },
    h("fieldset.options", {},
      h("legend.hidden-text", {}, _("Delivery")),
      option("", _("Take the goods with you"), _("now, from the store")),
      offers.map((offer) => option(offer.method, methodWords(offer.method), offerWords(offer)))),
    offers.length ? null : nothing("truck", _("This store does not deliver.")),
    details, trouble,
    h("button.primary.big", { disabled: !state.cart }, _("Save")));
}

function offerWords(offer) {
  const price = offer.price ? money(offer.price, offer.currency) : _("free");
  const free = offer.freeFrom ? _(", free from {sum}", { sum: money(offer.freeFrom, offer.currency) }) : "";
  const by = _("by {time}", { time: moment(offer.expectedDeliveryUTCTime) });
  return `${price}${free} · ${by}`;
}

const FIELDS = {
  COURIER: (told) => [
    ["contactName", _("Name"), { autocomplete: "name", required: true }],
    ["street", _("Street, house and flat"), { autocomplete: "street-address", required: true }],
    ["city", _("Town or parish"), { autocomplete: "address-level2", required: true }],
    ["postalCode", _("Postal code"), { autocomplete: "postal-code" }],
    ["country", _("Country"), { autocomplete: "country-name", required: true, value: told.country || state.store.address?.level1 }],
    ["contactPhone", _("Phone number"), { type: "tel", autocomplete: "tel", required: true }],
  ],
  PARCEL: () => [["contactPhone", _("Phone number"), { type: "tel", autocomplete: "tel", required: true }]],
  PICKUP: () => [
    ["contactName", _("Name"), { autocomplete: "name" }],
    ["contactPhone", _("Phone number"), { type: "tel", autocomplete: "tel", required: true }],
  ],
};

function fieldsOf(offer) {
  if (!offer) return [];
  const told = kept("recipient") || {};
  const inputs = FIELDS[offer.method](told).map(([name, label, more]) =>
    field(name, label, { value: told[name], maxlength: "200", ...more }));
  const fields = offer.method === "PARCEL" ? [machines(offer, told), ...inputs] : inputs;
  return offer.replacesGoods ? [...fields, replacing()] : fields;
}

function replacing() {
  const welcome = Boolean(state.cart?.replacementsWelcome);
  return h("div.field.switch", {},
    h("label", {},
      h("input", { type: "checkbox", role: "switch", name: "replacementsWelcome", checked: welcome, "aria-describedby": "replacing-hint" }),
      h("span", {}, _("Replace what is sold out"))),
    h("p.hint", { id: "replacing-hint" }, _("If something is out, the store brings something like it. You never pay more for it.")));
}

function machines(offer, told) {
  const option = (machine) =>
    h("option", { value: machine.parcelId, selected: machine.parcelId === told.parcelId },
      [machine.name, addressLine(machine.address)].filter(Boolean).join(", "));
  return h("div.field", {},
    h("label", { for: "f-parcelId" }, _("Parcel machine")),
    h("select", { id: "f-parcelId", name: "parcelId" }, offer.parcelMachines.map(option)));
}

function choiceOf(form) {
  const method = form.get("method");
  if (!method) return null;
  const told = (name) => form.get(name)?.trim() || undefined;
  return {
    method,
    parcelId: told("parcelId"),
    contactName: told("contactName"),
    contactPhone: told("contactPhone"),
    address: method === "COURIER"
      ? { level1: told("country"), level3: told("city"), level5: told("street"), postalCode: told("postalCode") }
      : undefined,
    replacementsWelcome: form.has("replacementsWelcome"),
  };
}
