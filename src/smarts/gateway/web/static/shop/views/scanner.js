/** Scanning: the camera while it is open, and a field for codes that are typed or come from a scanner with keys. */

import { Camera } from "../camera.js";
import { h, icon } from "../dom.js";
import { announce, toast } from "../feedback.js";
import { iconButton } from "../parts.js";
import { _ } from "../texts.js";

/** The scanner; `onCode` is told each code. */
export function scanner(onCode) {
  const video = h("video", { playsinline: true, muted: true, "aria-label": _("What the camera sees") });
  video.muted = true;
  const finder = h("div.finder", { hidden: true }, video, h("div.aim", { "aria-hidden": "true" }),
    iconButton("close", _("Close the camera"), { click: () => close() }, "finder-close"));
  const opener = h("button.primary.big.open-camera", { type: "button", click: () => open() },
    icon("camera"), _("Scan with the camera"));
  const camera = new Camera(video, onCode);

  async function open() {
    opener.setAttribute("aria-busy", "true");
    try {
      await camera.start();
      finder.hidden = false;
      opener.hidden = true;
      announce(_("The camera is open: hold a barcode before it"));
      finder.querySelector("button").focus();
    } catch (error) {
      toast(cameraWords(error));
      document.getElementById("f-barcode").focus();
    } finally {
      opener.removeAttribute("aria-busy");
    }
  }

  function close() {
    camera.stop();
    finder.hidden = true;
    opener.hidden = !Camera.possible;
    opener.focus();
  }

  opener.hidden = !Camera.possible;
  const node = h("section.scanner", { "aria-label": _("Scan") }, finder, opener, typing(onCode));
  return { node, leave: () => camera.stop() };
}

function cameraWords(error) {
  if (error.name === "NotAllowedError") return _("The camera is not allowed. Allow it in the browser, or type the barcode");
  return _("No camera was found. Type the barcode");
}

function typing(onCode) {
  const input = h("input", {
    id: "f-barcode", name: "barcode", required: true, maxlength: "100", inputmode: "numeric", autocomplete: "off",
    enterkeyhint: "done",
  });
  const add = (event) => {
    event.preventDefault();
    const code = input.value.trim();
    input.value = "";
    if (code) onCode({ barcode: code });
  };
  return h("form.typing", { submit: add },
    h("label", { for: "f-barcode" }, _("or type a barcode")),
    h("div.with-button", {}, input, h("button", { type: "submit" }, _("Add"))));
}
