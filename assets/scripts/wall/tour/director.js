/** Where the camera of a wall stands at a moment. It follows from the server's clock, so that several screens show the same picture. */

/** A flight from one scene to the next takes so long. */
export const FLIGHT_MS = 3000;

/**
 * How a scene is seen: a box that fills the picture, or a place with a zoom of its own; degrees, and degrees a second.
 *
 * @typedef {object} Sight
 * @property {[number, number, number, number] | null} box West, south, east, north; null: that of the ground.
 * @property {[number, number] | null} at Longitude and latitude; null: the middle of the box.
 * @property {number | null} zoom As on a picture 1080 pixels high; null: so that the box fills the picture.
 * @property {number} pitch
 * @property {number} bearing
 * @property {number} orbit
 */

/** Slowly away, slowly to the end. @param {number} t From 0 to 1. */
export const eased = (t) => (t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2);

/** An angle from -180 to 180. @param {number} degrees */
export const wrapped = (degrees) => ((degrees + 180) % 360 + 360) % 360 - 180;

export class Director {
  /**
   * @param {(from: Camera, to: Camera, t: number) => Camera} between Part of the way from one camera to another.
   */
  constructor(between) {
    this.between = between;
    /** Where the scene begins to look from. @type {Camera | null} */
    this.target = null;
    this.orbit = 0;
    /** Since when the camera turns, by the server's clock. */
    this.begin = 0;
    /** @type {{from: Camera, at: number} | null} */
    this.flight = null;
  }

  /**
   * Look at something else.
   *
   * @param {Camera} target
   * @param {{orbit: number, begin: number}} turning Degrees a second, and the server's time from which they count.
   * @param {{from: Camera, at: number} | null} flight From where, and when it begins; null: the camera stands there at once.
   */
  aim(target, { orbit, begin }, flight) {
    Object.assign(this, { target, orbit, begin, flight });
  }

  /** The same sight on a screen of another size. @param {Camera} target */
  fit(target) {
    this.target = target;
  }

  /** Whether the camera flies at a moment. @param {number} now */
  flies(now) {
    return this.flight !== null && now < this.flight.at + FLIGHT_MS;
  }

  /** @param {number} now The server's time. @returns {Camera | null} */
  cameraAt(now) {
    if (!this.target) return null;
    if (!this.flight || !this.flies(now)) return this.restingAt(this.target, now);
    const { from, at } = this.flight;
    const end = this.restingAt(this.target, at + FLIGHT_MS);
    const t = eased(Math.max(0, now - at) / FLIGHT_MS);
    return this.between(from, { ...end, bearing: from.bearing + wrapped(end.bearing - from.bearing) }, t);
  }

  /** @param {Camera} target @param {number} now */
  restingAt(target, now) {
    return { ...target, bearing: wrapped(target.bearing + (this.orbit * (now - this.begin)) / 1000) };
  }
}
