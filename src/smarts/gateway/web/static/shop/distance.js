/** How far it is from place to place. Places are `{latitude, longitude}` in degrees, as stores and phones tell them. */

const EARTH = 6_371_008.8; // its mean radius, in metres

const radians = (degrees) => (degrees * Math.PI) / 180;

/** Metres along the surface of the earth, as if it were a ball. */
export function metresBetween(one, other) {
  const [from, upTo] = [radians(one.latitude), radians(other.latitude)];
  const north = Math.sin((upTo - from) / 2) ** 2;
  const east = Math.cos(from) * Math.cos(upTo) * Math.sin(radians(other.longitude - one.longitude) / 2) ** 2;
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(north + east)));
}

/** A distance as it is worth saying: to ten metres, from a kilometre on to a hundred, from ten on to a kilometre. */
export function sayable(metres) {
  const tens = Math.max(10, Math.round(metres / 10) * 10);
  if (tens < 1000) return { amount: tens, unit: "meter" };
  const kilometres = metres / 1000;
  return { amount: kilometres < 9.95 ? Math.round(kilometres * 10) / 10 : Math.round(kilometres), unit: "kilometer" };
}

/** Items with their distance from here: the nearest first, then those that tell no place; ties stay in their order. */
export function nearestFirst(items, here) {
  return items
    .map((item) => ({ ...item, distance: item.place ? metresBetween(here, item.place) : undefined }))
    .sort((one, other) => (one.distance ?? Infinity) - (other.distance ?? Infinity) || 0);
}
