/** What changes for the staff, live, for as long as the page is open. */

const PAUSE = 3_000; // milliseconds until a connection that was refused is tried again

/** Calls `onChange` now and after every change of what waits, and `onLost` whenever the connection is lost. */
export function listen(onChange, onLost = () => {}) {
  const events = new EventSource("/work/v1/events");
  events.addEventListener("work", () => navigator.onLine && onChange()); // one may still be on its way
  events.addEventListener("error", () => {
    onLost();
    if (events.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    setTimeout(() => listen(onChange, onLost), PAUSE);
  });
}

/** The same, and also when the phone itself has no network, and has it again. */
export function listenAnywhere(onChange, onLost) {
  listen(onChange, onLost);
  addEventListener("offline", onLost);
  addEventListener("online", onChange);
}
