/** Names of areas and waters. Signed distance fields keep the halo even at every size. */

import { ink, theme } from '../colors.js';
import { rings } from '../geometry.js';
import { FLAT, TEXT } from '../lighting.js';
import { memo } from '../memo.js';
import { IMPORTANT } from '../names.js';
import { iconHeight, nameAtlas } from '../shaped_names.js';
import { broken, lastLabel, needsShaping } from '../text.js';

const FACES = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", system-ui, sans-serif';
const SERIF = '"Songti SC", SimSun, "Noto Serif CJK SC", "Source Han Serif SC", serif';
const SDF = { sdf: true, fontSize: 72, buffer: 18, radius: 25, cutoff: 0.22, smoothing: 0.075 };

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
  const key = `labels ${scene.spec.lang} ${size} ${props.smallest} ${JSON.stringify([props.texts, props.skip, props.invert])}`;
  return memo(shapes, key, () => {
    const inverted = new Set(props.invert || []);
    const named = shapes.areas.filter((/** @type {Area} */ area) => area.at && !props.skip?.includes(area.code));
    return named.map((/** @type {Area} */ area) => {
      const label = lastLabel(area.path);
      return {
        at: area.at,
        text: broken(props.texts?.[label] || nameOf(area, scene.spec.lang)),
        size,
        smallest: props.smallest && props.smallest * scene.scale,
        rank: props.rank,
        weight: weight(area),
        extent: extent(rings(area)),
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
 * West, south, east and north of an area.
 *
 * @param {Ring[]} outlines
 * @returns {Box}
 */
export function extent(outlines) {
  /** @type {Box} */
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon, lat] of outlines.flat()) {
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  }
  return box;
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
    const some = (id, data, color, width, outline) => {
      const look = { characterSet, getColor: color, outlineWidth: width, outlineColor: outline };
      return [
        ...names(id, data.filter((label) => !needsShaping(label.text)), look),
        ...shapedNames(id + '-shaped', data.filter((label) => needsShaping(label.text)), look),
      ];
    };
    return [
      ...some(props.id, placed.filter((d) => !isWhite(d)), props.getColor, quiet ? 4 : 5, halo),
      ...some(props.id + '-inverted', placed.filter(isWhite), [255, 255, 255, 255], 3, ink('text', 170)),
    ];
  },
};

/** @typedef {{characterSet: string, getColor: Ink, outlineWidth: number, outlineColor: Ink}} Look */

/**
 * @param {string} id
 * @param {Label[]} data
 * @param {Look} look
 */
function names(id, data, look) {
  if (!data.length) return [];
  const layer = new deck.TextLayer({
    id,
    data,
    getPosition: (/** @type {Label} */ d) => d.at,
    getText: (/** @type {Label} */ d) => d.text,
    getSize: (/** @type {Label} */ d) => d.size,
    fontFamily: FACES,
    fontWeight: 700,
    fontSettings: SDF,
    lineHeight: 1.2,
    billboard: true,
    ...look,
    ...TEXT,
  });
  return [layer];
}

/**
 * Names that the browser must set as a whole.
 *
 * @param {string} id
 * @param {Label[]} data
 * @param {Look} look
 */
function shapedNames(id, data, { getColor, outlineWidth, outlineColor }) {
  if (!data.length) return [];
  const { canvas, mapping } = nameAtlas(data.map((label) => label.text), {
    faces: FACES,
    color: getColor,
    halo: outlineColor,
    haloPx: outlineWidth,
  });
  const layer = new deck.IconLayer({
    id,
    data,
    iconAtlas: canvas,
    iconMapping: mapping,
    getIcon: (/** @type {Label} */ d) => d.text,
    getPosition: (/** @type {Label} */ d) => d.at,
    getSize: (/** @type {Label} */ d) => iconHeight(mapping[d.text], d.size),
    sizeUnits: 'pixels',
    alphaCutoff: 0.02,
    updateTriggers: { getIcon: theme() },
    ...FLAT,
  });
  return [layer];
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
