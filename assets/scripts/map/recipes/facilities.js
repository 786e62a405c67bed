/** Facilities: small round icons by kind. */

import { css, ink, theme } from '../colors.js';
import { drawSymbol, keptAtlas, makeAtlas } from '../icon_atlas.js';
import { FLAT } from '../lighting.js';
import { memo } from '../memo.js';

const SPOT = { width: 64, height: 64 };

/** @type {Recipe} */
export const FacilityPins = {
  draw(props, scene) {
    const found = scene.json(props.data);
    if (!found || scene.zoom < props.fromZoom) return [];
    const names = memo(found, 'symbols', () => [...new Set(found.rows.map((/** @type {Facility} */ row) => row.symbol))]);
    const key = 'spots' + theme() + names.join();
    const { canvas, mapping } = keptAtlas(key, () => spotAtlas(/** @type {string[]} */ (names), props, scene.spec.icons));
    return [
      new deck.IconLayer({
        id: props.id,
        data: scene.placed.facilities,
        iconAtlas: canvas,
        iconMapping: mapping,
        getIcon: (/** @type {Facility} */ d) => d.symbol,
        getPosition: (/** @type {Facility} */ d) => [d.lon, d.lat, 2],
        getSize: props.size,
        sizeUnits: 'pixels',
        alphaCutoff: 0.3,
        pickable: true,
        opacity: props.opacity,
        updateTriggers: { getIcon: theme() },
        ...FLAT,
      }),
    ];
  },

  means: (row, scene) => ({
    hover: null,
    tip: () => ({ key: 'facility ' + row.key, title: row.name, lines: [scene.spec.lang === 'en' ? row.kind_en : row.kind] }),
    pick: { kind: 'facility', key: row.key },
  }),
};

/**
 * @param {string[]} names
 * @param {any} props
 * @param {Record<string, string>} icons
 */
function spotAtlas(names, props, icons) {
  const middle = SPOT.width / 2;
  return makeAtlas(names, SPOT, (pen, name) => {
    pen.fillStyle = css(ink('raised', 245));
    pen.strokeStyle = css(ink('muted'));
    pen.lineWidth = 3;
    pen.beginPath();
    pen.arc(middle, middle, middle - 3, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
    drawSymbol(pen, icons[name] || icons.dot, { x: 12, y: 12, scale: 40 / 24, color: css(props.getColor) });
  });
}
