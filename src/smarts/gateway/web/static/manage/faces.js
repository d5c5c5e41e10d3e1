/** Gives cards their colours, which a page cannot write into its own text under a strict policy. */

/** Shows a card in the colours that it names. */
export function paint(face) {
  face.style.setProperty("--card-start", face.dataset.start);
  face.style.setProperty("--card-end", face.dataset.end);
}

for (const face of document.querySelectorAll(".card-face[data-start]")) paint(face);
