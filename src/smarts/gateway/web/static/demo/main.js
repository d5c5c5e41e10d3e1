/**
 * The demonstration's page: two apps in frames, a shelf whose goods are scanned into the phone, and a guide that sees
 * by itself how far the newcomer is. It hears of the cart as the shopper app's own tabs do.
 */

import { kept } from "../shop/storage.js";
import { stepOf } from "./progress.js";

const stage = document.getElementById("stage");
const phone = document.getElementById("phone");
const staff = document.getElementById("staff");
const shelf = document.getElementById("shelf");
const steps = [...document.querySelectorAll(".way [data-step]")];
const hints = [...document.querySelectorAll(".now [data-step]")];
const sides = [...document.querySelectorAll("button[data-side]")];

let cart = kept("shown");
if (cart && cart.id !== kept("cart")?.cartId) cart = null;
let changedPerson = false;

const placeOf = (step) => Math.max(steps.findIndex((each) => each.dataset.step === step), 0);

/** The steps that this store has; where nothing has an age limit, one that is about it gives way to the next. */
function currentStep() {
  const step = stepOf(cart);
  return step === "age" && !steps.some((each) => each.dataset.step === step) ? "check-out" : step;
}

const looksAtCheck = () => {
  try {
    return staff.contentWindow.location.pathname.startsWith("/work/checks/");
  } catch {
    return false; // the frame shows the browser's own page of a lost connection
  }
};

function show() {
  const step = currentStep();
  const place = placeOf(step);
  steps.forEach((each, index) => {
    each.classList.toggle("done", index < place || (step === "receipt" && index === place));
    if (index === place) each.setAttribute("aria-current", "step");
    else each.removeAttribute("aria-current");
  });
  const hint = step === "check" && looksAtCheck() ? "decide" : step;
  for (const each of hints) each.hidden = each.dataset.step !== hint;
  stage.dataset.wants = steps[place].dataset.side;
  for (const item of shelf?.querySelectorAll("button") || []) item.classList.toggle("wanted", item.dataset.step === step);
  for (const each of sides) each.classList.toggle("wanted", each.dataset.side === stage.dataset.wants);
}

/** On a narrow screen one of the two apps is seen at a time. */
function turnTo(side) {
  stage.dataset.side = side;
  for (const each of sides) each.setAttribute("aria-pressed", String(each.dataset.side === side));
}

const shopIsOpen = new Promise((resolve) => {
  phone.addEventListener("load", () => phone.contentWindow.location.pathname === "/shop" && resolve());
});

async function pick({ barcode }) {
  turnTo("phone");
  await shopIsOpen;
  phone.contentWindow.postMessage({ barcode }, location.origin);
}

/** The worker's app waits for codes with its cursor in a field; whoever uses the keyboard begins at the guide, before the shelf. */
function takeFocusBack() {
  if (document.activeElement === staff) document.getElementById("now").focus({ preventScroll: true });
}

function begin() {
  new BroadcastChannel("smarts.carts").addEventListener("message", ({ data }) => {
    cart = data;
    show();
  });
  shelf?.addEventListener("click", ({ target }) => {
    const item = target.closest("button[data-barcode]");
    if (item) pick(item.dataset);
  });
  for (const each of sides) each.addEventListener("click", () => turnTo(each.dataset.side));
  document.getElementById("again").addEventListener("click", () => {
    cart = null;
    phone.contentWindow.location.hash = "#/basket";
    turnTo("phone");
    show();
  });
  staff.addEventListener("load", show);
  for (const form of document.querySelectorAll(".accounts form")) {
    form.addEventListener("submit", () => (changedPerson = true));
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !changedPerson) return;
    changedPerson = false;
    staff.contentWindow.location.replace("/work"); // its forms are those of whoever was signed in before
  });
  turnTo("phone");
  show();
  phone.src = phone.dataset.src;
  staff.addEventListener("load", takeFocusBack, { once: true });
  document.getElementById("enter").submit();
}

if (self === top) begin();
else top.location.replace("/demo"); // a link within one of the frames led here
