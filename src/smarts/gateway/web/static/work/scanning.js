/** Codes by keyboard, by a scanner that types like one, and by the camera. */

import { Sightings } from "../shop/camera.js";
import { allowSounds } from "../shop/feedback.js";

const FORMATS = ["ean_13", "ean_8", "upc_a", "code_128", "qr_code", "data_matrix"];
const PAUSE = 250; // milliseconds between frames

/** Whatever is typed while the cursor stands nowhere goes into the field for codes, so that nobody need look. */
function catchTyping(field) {
  document.addEventListener("keydown", (event) => {
    const elsewhere = event.target.closest?.("input, textarea, select, dialog") || event.ctrlKey || event.altKey || event.metaKey;
    if (elsewhere || event.key.length !== 1 || event.key === " ") return;
    field.value = "";
    field.focus();
  });
}

/** The next scan goes into the field at once; on a phone that would open the keyboard, and typing is caught anyway. */
export function focusField() {
  if (matchMedia("(pointer: fine)").matches) document.getElementById("code").focus({ preventScroll: true });
}

async function readerOf(csrf) {
  const known = "BarcodeDetector" in globalThis ? await BarcodeDetector.getSupportedFormats() : [];
  const formats = FORMATS.filter((each) => known.includes(each));
  if (formats.includes("ean_13") && formats.includes("qr_code")) {
    const detector = new BarcodeDetector({ formats });
    return async (video) => (await detector.detect(video)).map((each) => each.rawValue);
  }
  const canvas = document.createElement("canvas");
  return async (video) => {
    const scale = Math.min(1, 1024 / video.videoWidth);
    canvas.width = video.videoWidth * scale;
    canvas.height = video.videoHeight * scale;
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const body = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
    const headers = { "Content-Type": "image/jpeg", "X-CSRF-Token": csrf };
    const answer = await fetch("/work/codes", { method: "POST", body, headers });
    return answer.ok ? (await answer.json()).codes.map((each) => each.barcode || each.text) : [];
  };
}

function offerCamera(csrf, onCode) {
  const [open, close, finder, video] = ["camera", "camera-off", "viewfinder", "video"].map((id) => document.getElementById(id));
  if (!navigator.mediaDevices?.getUserMedia) return;
  let stream = null;
  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    finder.hidden = true;
    open.focus();
  };
  open.hidden = false;
  open.addEventListener("click", async () => {
    if (stream) return stop();
    const own = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } }).catch(() => null);
    if (!own) return open.setAttribute("aria-disabled", "true");
    stream = own;
    finder.hidden = false;
    video.srcObject = own;
    await video.play();
    const [read, sightings] = [await readerOf(csrf), new Sightings()];
    while (stream === own) {
      for (const code of await read(video).catch(() => [])) if (stream === own && sightings.isNew(code, performance.now())) onCode(code);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  });
  close.addEventListener("click", stop);
}

/** Lets codes come by keyboard, as a scanner types them, into the form's field, and by the camera to `onCode`. */
export function scanning(csrf, onCode) {
  addEventListener("pointerdown", allowSounds);
  addEventListener("keydown", allowSounds);
  const field = document.getElementById("code");
  catchTyping(field);
  focusField();
  offerCamera(csrf, onCode);
}
