/** Names of areas and waters. Signed distance fields keep the halo even at every size. */

import { ink, theme } from '../colors.js';
import { rings } from '../geometry.js';
import { TEXT } from '../lighting.js';
import { memo } from '../memo.js';
import { broken, lastLabel } from '../text.js';

const FACES = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", system-ui, sans-serif';
const SERIF = '"Songti SC", SimSun, "Noto Serif CJK SC", "Source Han Serif SC", serif';
const SDF = { sdf: true, fontSize: 72, buffer: 18, radius: 25, cutoff: 0.22, smoothing: 0.075 };
const IMPORTANT = 10;

/**
 * What a layer of names could show: placing decides which.
 *
 * @param {any} props
 * @param {any} scene
 * @returns {Label[]}
 */
export function labelsOf(props, scene) {
  const shapes = scene.json(props.data);
  if (!shapes) return [];
  const size = scene.small ? Math.max(12, props.size - 3) : props.size * scene.scale;
  const key = `labels ${scene.spec.lang} ${size} ${JSON.stringify([props.texts, props.skip, props.invert])}`;
  return memo(shapes, key, () => {
    const inverted = new Set(props.invert || []);
    const named = shapes.areas.filter((/** @type {Area} */ area) => area.at && !props.skip?.includes(area.code));
    return named.map((/** @type {Area} */ area) => {
      const label = lastLabel(area.path);
      return {
        at: area.at,
        text: broken(props.texts?.[label] || nameOf(area, scene.spec.lang)),
        size,
        rank: props.rank,
        weight: weight(area),
        reach: reach(area),
        rings: rings(area),
        inverted: inverted.has(label),
        code: area.code,
      };
    });
  });
}

/**
 * @param {Area} area
 * @param {string} lang
 */
const nameOf = (area, lang) => (lang === 'en' && area.name_en) || area.name;

/**
 * Its westernmost and its easternmost corner.
 *
 * @param {Area} area
 */
function reach(area) {
  const corners = rings(area).flat();
  return [corners.reduce((a, b) => (b[0] < a[0] ? b : a)), corners.reduce((a, b) => (b[0] > a[0] ? b : a))];
}

/**
 * Larger areas are named first.
 *
 * @param {Area} area
 */
export function weight(area) {
  const ring = area.polygons[0][0];
  let sum = 0;
  for (let i = 0; i + 1 < ring.length; i++) sum += ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
  return Math.abs(sum);
}

/** @type {Recipe} */
export const AreaLabels = {
  draw(props, scene) {
    const all = labelsOf(props, scene);
    /** @type {Label[]} */
    const placed = scene.placed.labels.get(props.id) || [];
    if (!placed.length) return [];
    // Every character that may be needed, so that moving the map never makes the letters anew (and none is ever missing).
    const characterSet = memo(all, 'characters', () => [...new Set(all.flatMap((label) => [...label.text]))].join(''));
    const quiet = props.rank < IMPORTANT;
    const halo = ink(quiet ? 'map-land' : 'map-halo', 235);
    /** @type {(label: Label) => boolean} */
    const isWhite = (label) => label.inverted && theme() === 'light';
    /** @type {(id: string, data: Label[], color: Ink, width: number, outline: Ink) => unknown[]} */
    const some = (id, data, color, width, outline) =>
      data.length ? [names(id, data, { scene, characterSet, getColor: color, outlineWidth: width, outlineColor: outline })] : [];
    return [
      ...some(props.id, placed.filter((d) => !isWhite(d)), props.getColor, quiet ? 4 : 5, halo),
      ...some(props.id + '-inverted', placed.filter(isWhite), [255, 255, 255, 255], 3, ink('text', 170)),
    ];
  },
};

/**
 * @param {string} id
 * @param {Label[]} data
 * @param {{scene: any, characterSet: string, getColor: Ink, outlineWidth: number, outlineColor: Ink}} look
 */
function names(id, data, { scene, ...look }) {
  return new deck.TextLayer({
    id,
    data,
    getPosition: (/** @type {Label} */ d) => [...d.at, scene.flat ? 0 : 30],
    getText: (/** @type {Label} */ d) => d.text,
    getSize: (/** @type {Label} */ d) => d.size,
    getPixelOffset: (/** @type {Label} */ d) => d.offset,
    fontFamily: FACES,
    fontWeight: 700,
    fontSettings: SDF,
    lineHeight: 1.2,
    billboard: true,
    ...look,
    ...TEXT,
  });
}

/** @type {Recipe} */
export const WaterNames = {
  draw(props, scene) {
    const waters = scene.json(props.data);
    if (!waters?.rows.length) return [];
    return [
      new deck.TextLayer({
        id: props.id,
        data: waters.rows,
        getPosition: (/** @type {any} */ d) => [d.lon, d.lat],
        getText: (/** @type {any} */ d) => spaced(d.text),
        getSize: (/** @type {any} */ d) => Math.min(props.sizeM, d.width_m * 0.55),
        getAngle: (/** @type {any} */ d) => d.angle,
        billboard: false,
        sizeUnits: 'meters',
        fontFamily: SERIF,
        characterSet: 'auto',
        getColor: props.getColor,
        fontSettings: { sdf: true, fontSize: 72, buffer: 10, radius: 14 },
        updateTriggers: { getSize: props.sizeM },
        ...TEXT,
      }),
    ];
  },
};

/**
 * A short Chinese name of a water is spread along it.
 *
 * @param {string} text
 */
export const spaced = (text) => (/^[\u4e00-\u9fff]{2,4}$/.test(text) ? [...text].join('    ') : text);
