/** Barcodes before the camera: read by the browser where it can, else by the gateway, a few frames a second. */

import { send } from "./api.js";

const PLAIN = ["ean_13", "ean_8", "upc_a"];
const FORMATS = [...PLAIN, "code_128", "qr_code", "data_matrix"];
const BETWEEN_FRAMES = { browser: 80, gateway: 250 }; // milliseconds
const LARGEST_SIDE = 1_024; // pixels of a frame on its way to the gateway
const GONE_AFTER = 1_500; // milliseconds without a code, after which it may be scanned again

/** Tells a code that stays in view from one that comes anew. */
export class Sightings {
  #seen = new Map();
  #gone;

  constructor(gone = GONE_AFTER) {
    this.#gone = gone;
  }

  /** Whether the code is new at a time in milliseconds. */
  isNew(code, now) {
    const last = this.#seen.get(code);
    this.#seen.set(code, now);
    return last === undefined || now - last > this.#gone;
  }
}

async function browsersReader() {
  if (!("BarcodeDetector" in globalThis)) return null;
  const formats = (await BarcodeDetector.getSupportedFormats()).filter((each) => FORMATS.includes(each));
  if (!formats.includes("ean_13")) return null;
  const detector = new BarcodeDetector({ formats });
  return {
    pause: BETWEEN_FRAMES.browser,
    read: async (video) => understood(await detector.detect(video), video),
  };
}

/** The plain barcodes among what the browser found; whatever else it saw, the gateway knows what it means. */
function understood(found, video) {
  const plain = found.every((each) => PLAIN.includes(each.format));
  return plain ? found.map(({ rawValue, format }) => ({ barcode: thirteen(rawValue, format) })) : gatewaysReader().read(video);
}

const thirteen = (digits, format) => (format === "upc_a" && digits.length === 12 ? `0${digits}` : digits);

function gatewaysReader() {
  const canvas = document.createElement("canvas");
  return { pause: BETWEEN_FRAMES.gateway, read: async (video) => askGateway(await frameOf(video, canvas)) };
}

function frameOf(video, canvas) {
  const scale = Math.min(1, LARGEST_SIDE / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = video.videoWidth * scale;
  canvas.height = video.videoHeight * scale;
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
}

async function askGateway(frame) {
  if (!frame) return [];
  const { codes } = await send("/codes", frame, frame.type);
  return codes.filter((code) => code.barcode || code.institutionId);
}

/**
 * A camera that shows itself in a video element and tells the codes that it sees, each once while it stays in view:
 * `barcode` of goods, with a `quantity` where the code carries one, or `institutionId` of the store at whose door it is.
 */
export class Camera {
  #video;
  #onCode;
  #stream = null;

  constructor(video, onCode) {
    this.#video = video;
    this.#onCode = onCode;
  }

  /** Whether this page may ask for a camera at all: browsers give one over https only, or on the same machine. */
  static get possible() {
    return Boolean(navigator.mediaDevices?.getUserMedia);
  }

  /** Opens the camera at the phone's back; throws what the browser throws where it may not or there is none. */
  async start() {
    const wishes = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
    const stream = await navigator.mediaDevices.getUserMedia({ video: wishes, audio: false });
    this.#stream = stream;
    this.#video.srcObject = stream;
    await this.#video.play();
    this.#look(stream, (await browsersReader()) || gatewaysReader());
  }

  /** Closes the camera: its light goes out. */
  stop() {
    for (const track of this.#stream?.getTracks() || []) track.stop();
    this.#stream = null;
    this.#video.srcObject = null;
  }

  async #look(stream, reader) {
    const sightings = new Sightings();
    while (this.#stream === stream) {
      const begun = performance.now();
      const codes = document.hidden || !this.#video.videoWidth ? [] : await reader.read(this.#video).catch(() => []);
      if (this.#stream !== stream) return;
      for (const code of codes) {
        if (sightings.isNew(code.barcode || code.institutionId, performance.now())) this.#onCode(code);
      }
      const rest = reader.pause - (performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, Math.max(rest, 10)));
    }
  }
}
