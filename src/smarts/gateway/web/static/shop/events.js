/** Server-sent events read with fetch, since an EventSource can send no token. */

import { openStream } from "./api.js";

const PAUSES = [500, 1_000, 2_000, 5_000]; // milliseconds between tries

/** The events of a text stream, as `{name, data}`; comments and half a last one are left out. */
export async function* eventsOf(stream) {
  let text = "";
  for await (const chunk of chunksOf(stream.pipeThrough(new TextDecoderStream()))) {
    text += chunk;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const event = eventOf(block);
      if (event.data) yield event;
    }
  }
}

async function* chunksOf(stream) {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function eventOf(block) {
  const event = { name: "message", data: "" };
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) event.name = line.slice(7);
    else if (line.startsWith("data: ")) event.data += line.slice(6);
  }
  return event;
}

const pause = (milliseconds, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });

/**
 * Follows a path's events until `signal` aborts, again and again when the connection breaks.
 * `onLost` is told of each break. A path that is refused (404) is not asked again.
 */
export async function follow(path, signal, onEvent, onLost = () => {}) {
  for (let tries = 0; !signal.aborted; tries += 1) {
    try {
      const response = await openStream(path, signal);
      if (response.status >= 400 && response.status < 500) return;
      for await (const event of eventsOf(response.body)) {
        tries = 0;
        onEvent(JSON.parse(event.data));
      }
    } catch {
      if (signal.aborted) return;
      onLost();
    }
    await pause(PAUSES[Math.min(tries, PAUSES.length - 1)], signal);
  }
}
