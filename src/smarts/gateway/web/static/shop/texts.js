/** Words, sums, amounts and times in the shopper's language. */

import { sayable } from "./distance.js";

const told = JSON.parse(document.getElementById("texts")?.textContent || "{}");

/** The language of the page: `et`, `en`, `ru`. */
export const language = document.documentElement.lang || "en";

// English as it is written where Smarts is used: days before months, hours up to 24.
const locale = language === "en" ? "en-IE" : language;

/** The language as the contract spells it. */
export const langCode = language.slice(0, 2).toUpperCase();

/** The sentence in the shopper's language, with `{parameters}` filled in. */
export function _(sentence, parameters = {}) {
  const words = told[sentence] || sentence;
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in parameters ? String(parameters[name]) : whole));
}

/** A Translatable in the shopper's language. */
export function named(translatable) {
  if (!translatable) return "";
  const found = (translatable.translations || []).find((each) => each[langCode]);
  return found ? found[langCode] : translatable.originalText;
}

/** A sum with its currency. */
export function money(amount, currency) {
  return new Intl.NumberFormat(locale, { style: "currency", currency }).format(amount);
}

/** A number as it is written in the language, with at most three decimals. */
export function number(amount) {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 3 }).format(amount);
}

/** Some words as one phrase: `one, two and three`. */
export function listed(words) {
  return new Intl.ListFormat(locale, { type: "conjunction" }).format(words);
}

/** A distance: `350 m`, `2.1 km`. */
export function distance(metres) {
  const { amount, unit } = sayable(metres);
  return new Intl.NumberFormat(locale, { style: "unit", unit }).format(amount);
}

const UNITS = {
  LITER: () => _("l"),
  DECILITER: () => _("dl"),
  KILOGRAM: () => _("kg"),
  GRAM: () => _("g"),
  TON: () => _("t"),
  METER: () => _("m"),
  CENTIMETER: () => _("cm"),
  DECIMETER: () => _("dm"),
};

/** The short name of a unit. */
export function unitName(unit) {
  return UNITS[unit] ? UNITS[unit]() : (unit || "").toLowerCase();
}

/** The unit in which the product's quantity is counted. */
export function unitOf(product) {
  return product.weightItem ? product.quantity?.unit || "KILOGRAM" : "PIECE";
}

/** A quantity of a product: `2`, `0.35 kg`. */
export function quantityOf(product, quantity) {
  return product.weightItem ? `${number(quantity)} ${unitName(unitOf(product))}` : number(quantity);
}

/** A day and time. */
export function moment(text) {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(text));
}

/** A day: the contract's YYYY-MM-DD. */
export function day(text) {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(text));
}

/** A time of day: hours and minutes of a moment. */
export function clock(date) {
  return new Intl.DateTimeFormat(locale, { timeStyle: "short" }).format(date);
}

/** A contract's time of day without its seconds. */
export function hoursAndMinutes(time) {
  return time.slice(0, 5);
}

/** An address on one line, the house first. */
export function addressLine(address) {
  if (!address) return "";
  const levels = [];
  for (const level of [8, 7, 6, 5, 4, 3, 2, 1].map((each) => address[`level${each}`]).filter(Boolean)) {
    if (/^\d/.test(levels.at(-1)) && levels.length === 1) levels[0] = `${level} ${levels[0]}`; // a house's number follows its street
    else levels.push(level);
  }
  return [...levels.slice(0, -1), address.postalCode, levels.at(-1)].filter(Boolean).join(", ");
}
