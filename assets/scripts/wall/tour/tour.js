/**
 * Which scene a wall shows at a moment. Pure: the same tour and the same moment give the same answer on every screen.
 *
 * The tour goes round the scenes of a playlist. It began with the first scene at `epoch_ms`, or where the schedule changed to another
 * playlist after that (`plan`). Turns break in: a presenter holds something, or a case interrupts. While a turn lasts the tour stands
 * still, and goes on afterwards where it was. `data/wall/playing.py` counts the same on the server; `tests/wall/moments.json` holds both.
 */

/**
 * @typedef {object} Placed
 * @property {WallScene} scene What is shown; of a turn that shows no scene of the tour, one that is made for it.
 * @property {WallScene} own The tour's own scene, also while a turn lasts.
 * @property {number} own_seconds_in For how long that has stood.
 * @property {number} index Place of the tour's own scene in its playlist, also while a turn lasts.
 * @property {number} count Scenes of the playlist.
 * @property {string} playlist
 * @property {'scene' | 'hold' | 'serious' | 'late_3'} kind
 * @property {WallTurn | null} turn
 * @property {number} seconds_in Since the scene, or the turn, began.
 * @property {number} seconds_left Until something else is shown.
 * @property {string} key Changes exactly when something else is shown.
 */

/**
 * The playlist that the schedule wants at a moment, and since when.
 *
 * @param {WallTour} tour
 * @param {number} now
 */
export function segmentAt(tour, now) {
  const past = tour.plan.filter((one) => one.from_ms <= now);
  return past[past.length - 1] ?? tour.plan[0] ?? { from_ms: 0, playlist: '' };
}

/**
 * The turn that lasts at a moment: of several, the one that began last.
 *
 * @param {WallTour} tour
 * @param {number} now
 * @returns {WallTurn | null}
 */
export function turnAt(tour, now) {
  const lasting = tour.turns.filter((one) => one.from_ms <= now && now < one.until_ms);
  return lasting.reduce((/** @type {WallTurn | null} */ last, one) => last && last.from_ms > one.from_ms ? last : one, null);
}

/**
 * How long turns lasted between two moments; where two overlap it counts once.
 *
 * @param {WallTurn[]} turns
 * @param {number} from
 * @param {number} until
 */
export function pausedMs(turns, from, until) {
  let sum = 0;
  let end = from;
  for (const one of [...turns].sort((a, b) => a.from_ms - b.from_ms)) {
    const first = Math.max(one.from_ms, end);
    const last = Math.min(one.until_ms, until);
    if (last > first) {
      sum += last - first;
      end = last;
    }
  }
  return sum;
}

/**
 * What is shown at a moment.
 *
 * @param {WallTour} tour
 * @param {number} now The server's time in milliseconds since 1970.
 * @param {number} [ahead] So many scenes further in the playlist: where each screen of a wall shows a scene of its own.
 * @returns {Placed | null} Null where there is nothing to show.
 */
export function place(tour, now, ahead = 0) {
  const segment = segmentAt(tour, now);
  const scenes = scenesOf(tour, segment.playlist);
  if (!scenes.length) return null;
  const turn = turnAt(tour, now);
  const own = placeInRound(tour, segment.from_ms, scenes, now, ahead);
  const standing = scenes[own.index];
  const shared = { own: standing, own_seconds_in: own.passed / 1000, index: own.index, count: scenes.length, playlist: standing.playlist };
  if (turn) {
    const [seconds_in, seconds_left] = [(now - turn.from_ms) / 1000, (turn.until_ms - now) / 1000];
    return {
      ...shared,
      scene: sceneOfTurn(tour, turn, scenes[own.index]),
      kind: turn.kind,
      turn,
      seconds_in,
      seconds_left,
      key: `t${turn.id}`,
    };
  }
  const next = tour.turns.map((one) => one.from_ms).filter((from) => from > now);
  const seconds_left = (Math.min(now + own.left, changeAfter(tour, now), ...next) - now) / 1000;
  const [scene, key] = [scenes[own.index], `s${scenes[own.index].id}/${own.round}`];
  return { ...shared, scene, kind: 'scene', turn: null, seconds_in: own.passed / 1000, seconds_left, key };
}

/**
 * Scenes of a playlist; all where it has none, so that no schedule can leave a wall dark.
 *
 * @param {WallTour} tour
 * @param {string} playlist
 */
export function scenesOf(tour, playlist) {
  const own = tour.scenes.filter((one) => one.playlist === playlist);
  return own.length ? own : tour.scenes;
}

/**
 * @param {WallTour} tour
 * @param {number} changed When the schedule changed to this playlist.
 * @param {WallScene[]} scenes
 * @param {number} now
 * @param {number} ahead
 */
function placeInRound(tour, changed, scenes, now, ahead) {
  const [start, since] = changed > tour.set_ms ? [changed, changed] : [tour.epoch_ms, tour.set_ms];
  const lengths = scenes.map((one) => Math.max(1, one.dwell_s) * 1000);
  const whole = lengths.reduce((sum, one) => sum + one, 0);
  const elapsed = Math.max(0, now - start - pausedMs(tour.turns, since, now));
  let rest = elapsed % whole;
  let index = 0;
  while (rest >= lengths[index]) {
    rest -= lengths[index];
    index += 1;
  }
  const round = scenes.length > 1 ? Math.floor(elapsed / whole) : 0;
  return { index: (index + ahead) % scenes.length, passed: rest, left: lengths[index] - rest, round };
}

/** @param {WallTour} tour @param {number} now */
function changeAfter(tour, now) {
  return tour.plan.find((one) => one.from_ms > now)?.from_ms ?? Infinity;
}

/**
 * @param {WallTour} tour
 * @param {WallTurn} turn
 * @param {WallScene} otherwise
 * @returns {WallScene}
 */
function sceneOfTurn(tour, turn, otherwise) {
  const named = tour.scenes.find((one) => one.id === turn.scene) ?? otherwise;
  if (!turn.look) return named;
  const given = Object.entries(turn.look).filter(([, value]) => value !== null && value !== undefined);
  const moved = turn.look.area ? { id: -turn.id, zone: null } : {};
  return { ...named, ...moved, ...Object.fromEntries(given) };
}

/**
 * The camera's bearing: it turns slowly from where the scene begins; not at all for who asked for less motion.
 *
 * @param {Placed} placed
 * @param {boolean} still
 */
export function bearingOf(placed, still) {
  const { bearing = 0, orbit_deg_per_s = 0 } = placed.scene.camera ?? {};
  const turned = bearing + (still ? 0 : orbit_deg_per_s * placed.seconds_in);
  return ((turned + 180) % 360 + 360) % 360 - 180;
}

/** Made once for each time zone: a wall asks every second, for months. @type {Map<string, Intl.DateTimeFormat>} */
const clocks = new Map();

/**
 * Hour of the day in the city, with its fraction.
 *
 * @param {number} now
 * @param {string} timezone
 */
export function hourOf(now, timezone) {
  const made = clocks.get(timezone) ??
    new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  clocks.set(timezone, made);
  const parts = made.formatToParts(now);
  const read = (/** @type {string} */ type) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  return read('hour') + read('minute') / 60;
}

/**
 * How bright the picture is, from 0.2 to 1; between two hours it moves slowly.
 *
 * @param {WallTour} tour
 * @param {number} now
 */
export function brightnessAt(tour, now) {
  const hour = hourOf(now, tour.timezone);
  const [first, next] = [tour.brightness[Math.floor(hour)] ?? 1, tour.brightness[(Math.floor(hour) + 1) % 24] ?? 1];
  return Math.min(1, Math.max(0.2, first + (next - first) * (hour % 1)));
}

/** Steps around a square; each differs from the last by one step in one direction. */
const RING = [[0, 0], [1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1], [0, -1], [1, -1], [1, 0]];

/**
 * By how many pixels the whole picture is moved, against panels that burn in. All screens of a wall move together.
 *
 * @param {WallTour} tour
 * @param {number} now
 * @returns {[number, number]}
 */
export function shiftAt(tour, now) {
  const { every_s, px } = tour.pixel_shift;
  if (!px || !every_s) return [0, 0];
  const [x, y] = RING[Math.floor(now / 1000 / every_s) % RING.length];
  return [x * px, y * px];
}
