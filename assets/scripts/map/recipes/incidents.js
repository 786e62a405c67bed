/** Cases as pins (symbol = category, fill = deadline state), "+n" where several share a place, circles with a count from afar. */

import { css, ink, theme } from '../colors.js';
import { circleRadius } from '../clusters.js';
import { drawSymbol, keptAtlas, makeAtlas } from '../icon_atlas.js';
import { FLAT, TEXT } from '../lighting.js';
import { pinSize } from '../placement.js';
import { fill } from '../text.js';
import { clock, dayOf, duration } from '../time.js';

const PIN = { width: 96, height: 116, anchorX: 48, anchorY: 112 };
/** How much larger the picked pin is. */
const PICKED = 1.45;
/** The picture of the ring around the picked pin, with the pin's tip as its anchor. */
const HALO = { width: 112, height: 132, anchorX: 56, anchorY: 116 };
/** From the tip to the middle of the head, in units of the drop. */
const HEAD_ABOVE_TIP = 31.2;
const DROP = 'M24 56 17 43a19.5 19.5 0 1 1 14 0z';
const DIGITS = 'system-ui, "Noto Sans", sans-serif';
/** @type {(d: any) => number[]} */
const place = (d) => [d.lon, d.lat, 2];

/** @type {Recipe} */
export const IncidentPins = {
  draw(props, scene) {
    if (!scene.json(props.data)) return [];
    const { kind, shown } = scene.placed.pins;
    return kind === 'clusters' ? circles(props, shown, scene) : pins(props, shown, scene);
  },

  means(row, scene, props) {
    if (!row.state) return { ...NOTHING_OPENS, tip: () => tipOfCircle(row, scene), closer: { ...row, untilZoom: Infinity } };
    const closer = row.more > 0 ? { lon: row.lon, lat: row.lat, untilZoom: props.foldedUntilZoom } : undefined;
    return { hover: null, tip: () => tipOfCase(row, scene), pick: { kind: 'incident', key: row.key }, closer };
  },
};

/** @type {{hover: null, pick: MapPick}} */
const NOTHING_OPENS = { hover: null, pick: { kind: 'empty' } };

/**
 * @param {any} props
 * @param {PlacedCase[]} data
 * @param {any} scene
 */
function pins(props, data, scene) {
  const { canvas, mapping } = pinAtlas(props, scene.spec.icons);
  const size = scene.pin * 1.2;
  const picked = scene.spec.picked.incident;
  const layer = new deck.IconLayer({
    id: props.id,
    data,
    iconAtlas: canvas,
    iconMapping: mapping,
    getIcon: (/** @type {CaseRow} */ d) => `${d.state} ${props.symbols[d.category] || 'dot'}`,
    getPosition: place,
    getSize: (/** @type {CaseRow} */ d) => pinSize(d.state, size) * (d.key === picked ? PICKED : 1),
    sizeUnits: 'pixels',
    alphaCutoff: 0.3,
    pickable: true,
    opacity: props.opacity,
    updateTriggers: { getSize: [picked, size], getIcon: theme() },
    ...FLAT,
  });
  const folded = data.filter((d) => d.more > 0);
  const drawn = [ring(props, data.filter((d) => d.key === picked), size), layer];
  return folded.length ? [...drawn, badges(props, folded, size, scene.scale)] : drawn;
}

/**
 * The ring around the head of the picked pin.
 *
 * @param {any} props
 * @param {PlacedCase[]} data
 * @param {number} size
 */
function ring(props, data, size) {
  const { canvas, mapping } = keptAtlas('picked ring' + theme(), () =>
    makeAtlas(['ring'], HALO, (pen) => {
      pen.scale(2, 2);
      pen.strokeStyle = css(ink('accent'));
      pen.lineWidth = 3.2;
      pen.beginPath();
      pen.arc(HALO.anchorX / 2, HALO.anchorY / 2 - HEAD_ABOVE_TIP, 23.4, 0, 2 * Math.PI);
      pen.stroke();
    }));
  return new deck.IconLayer({
    id: props.id + '-picked',
    data,
    iconAtlas: canvas,
    iconMapping: mapping,
    getIcon: () => 'ring',
    getPosition: place,
    getSize: (/** @type {CaseRow} */ d) => (pinSize(d.state, size) * PICKED * HALO.height) / PIN.height,
    sizeUnits: 'pixels',
    opacity: props.opacity,
    updateTriggers: { getSize: size, getIcon: theme() },
    ...FLAT,
  });
}

/**
 * @param {any} props
 * @param {Record<string, string>} icons
 */
function pinAtlas(props, icons) {
  const symbols = [...new Set([.../** @type {string[]} */ (Object.values(props.symbols)), 'dot'])];
  return keptAtlas('pins' + theme() + symbols.join(), () => {
    const names = Object.keys(props.inks).flatMap((state) => symbols.map((symbol) => `${state} ${symbol}`));
    const [rim, color] = [css(props.getLineColor), css(ink('pin-ink'))];
    const drop = new Path2D(DROP);
    return makeAtlas(names, PIN, (pen, name) => {
      const [state, symbol] = name.split(' ');
      pen.scale(2, 2);
      pen.fillStyle = css(props.inks[state]);
      pen.strokeStyle = rim;
      pen.lineWidth = 2.6;
      pen.fill(drop);
      pen.stroke(drop);
      drawSymbol(pen, icons[symbol] || icons.dot, { x: 10.5, y: 11, scale: 1.125, color });
    });
  });
}

/**
 * How many others are folded into a pin.
 *
 * @param {any} props
 * @param {PlacedCase[]} data
 * @param {number} size
 * @param {number} scale
 */
function badges(props, data, size, scale) {
  return new deck.TextLayer({
    id: props.id + '-more',
    data,
    getPosition: place,
    getText: (/** @type {PlacedCase} */ d) => `+${d.more}`,
    getPixelOffset: () => [size * 0.6, -size * 0.98],
    getSize: 12 * scale,
    fontWeight: 700,
    characterSet: '+0123456789, ',
    fontFamily: DIGITS,
    getColor: ink('text'),
    background: true,
    getBackgroundColor: ink('raised', 240),
    getBorderColor: ink('hairline'),
    getBorderWidth: 1,
    backgroundBorderRadius: 8,
    backgroundPadding: [5, 1],
    opacity: props.opacity,
    pickable: true,
    ...TEXT,
  });
}

const RING = { width: 160, height: 160 };
const RING_PX = 9;
/** Shares of a ring that can be told apart. */
const RING_STEPS = 24;

/**
 * How many of 24 parts of a circle's ring are red: the share that is overdue, but never none of some and never all of fewer.
 *
 * @param {{n: number, overdue: number}} circle
 */
export function ringStep({ n, overdue }) {
  if (!overdue || overdue >= n) return overdue ? RING_STEPS : 0;
  return Math.min(RING_STEPS - 1, Math.max(1, Math.round((overdue / n) * RING_STEPS)));
}

/** Circles by the red part of their ring. */
function ringAtlas() {
  return keptAtlas('rings' + theme(), () => {
    const steps = Array.from({ length: RING_STEPS + 1 }, (_, i) => String(i));
    const [middle, radius] = [RING.width / 2, (RING.width - RING_PX) / 2 - 1];
    return makeAtlas(steps, RING, (pen, step) => {
      pen.lineWidth = RING_PX;
      pen.lineCap = 'butt';
      pen.fillStyle = css(ink('raised', 240));
      pen.strokeStyle = css(ink('paused'));
      pen.beginPath();
      pen.arc(middle, middle, radius, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
      pen.strokeStyle = css(ink('pin-overdue'));
      pen.beginPath();
      pen.arc(middle, middle, radius, -Math.PI / 2, (Number(step) / RING_STEPS - 0.25) * 2 * Math.PI);
      pen.stroke();
    });
  });
}

/**
 * Circles grow with the number; the red part of the ring is the share that is overdue.
 *
 * @param {any} props
 * @param {Circle[]} data
 * @param {any} scene
 */
function circles(props, data, scene) {
  const { canvas, mapping } = ringAtlas();
  return [
    new deck.IconLayer({
      // A layer's id belongs to one type of data: pins and circles must not share it.
      id: props.id + '-circles',
      data,
      iconAtlas: canvas,
      iconMapping: mapping,
      getIcon: (/** @type {Circle} */ d) => String(ringStep(d)),
      getPosition: (/** @type {Circle} */ d) => [d.lon, d.lat],
      getSize: (/** @type {Circle} */ d) => 2 * circleRadius(d, scene),
      sizeUnits: 'pixels',
      alphaCutoff: 0.3,
      pickable: true,
      opacity: props.opacity,
      updateTriggers: { getIcon: theme(), getSize: [scene.small, scene.scale] },
      ...FLAT,
    }),
    new deck.TextLayer({
      id: props.id + '-count',
      data,
      getPosition: (/** @type {Circle} */ d) => [d.lon, d.lat],
      getText: (/** @type {Circle} */ d) => String(d.n),
      getSize: 12 * scene.scale,
      fontWeight: 700,
      characterSet: '0123456789',
      fontFamily: DIGITS,
      getColor: ink('text'),
      ...TEXT,
    }),
  ];
}

/**
 * @param {PlacedCase} row
 * @param {any} scene
 * @returns {Tip}
 */
function tipOfCase(row, scene) {
  const { words, lang } = scene.spec;
  const asOf = scene.asOf();
  const left = row.due_at ? Date.parse(row.due_at) - Date.parse(asOf) : null;
  const told = { overdue: words.overdue_by, amber: words.due_in, on_time: words.due_in }[row.state];
  const where = lang === 'en' ? [row.community_en, row.cell_en] : [row.community, row.cell];
  /** @type {(moment: string, isDay?: boolean) => string} */
  const at = (moment, isDay) => (isDay ? dayOf : clock)(moment, words.timezone, lang);
  const lines = [
    [where.filter(Boolean).join(' '), words.channels[row.channel] || row.channel].filter(Boolean).join(' · '),
    row.due_at
      ? fill(words.due_at, { time: at(row.due_at, row.due_is_day) })
      : fill(words.reported_at, { time: at(row.reported_at, row.reported_is_day) }),
  ];
  if (row.more) lines.push(fill(words.cases_here, { n: row.more + 1 }));
  return {
    key: 'case ' + row.key + row.more,
    chip: told && left !== null ? fill(told, { time: duration(left, words) }) : words.states[row.state],
    chipTone: row.state,
    time: fill(words.as_of, { time: at(asOf) }),
    title: row.title || words.categories[row.category] || row.category,
    lines,
  };
}

/**
 * @param {Circle} row
 * @param {any} scene
 * @returns {Tip}
 */
function tipOfCircle(row, scene) {
  const { words } = scene.spec;
  return {
    key: `cluster ${row.lon} ${row.lat} ${row.n}`,
    title: fill(words.cases_here, { n: row.n }),
    lines: [row.overdue ? `${words.states.overdue} ${row.overdue}` : '', words.zoom_in],
  };
}
