/** The functions that Dash calls in the browser. `callbacks/client.py` wires them; they are registered before Dash begins. */

import { map } from '../map/grid_map.js';
import { announce, flights, goTo, keepCamera } from './navigation.js';
import { paintNotices } from './notices.js';
import { paintTheme } from './theme.js';

const SETTLED_MS = 200;
/** From here on the map shows single cases and every building: what the legend says of the view from afar is hidden. */
const NEAR_ZOOM = 13.6;
let typed = 0;
/** @type {string | null} */
let lastPlace = null;
/** @type {CameraFacts | null} */
let camera = null;

const functions = {
  /**
   * What was typed, once nobody types any more.
   *
   * @param {string} text
   */
  settled(text) {
    const turn = ++typed;
    return new Promise((resolve) => {
      setTimeout(() => resolve(turn === typed ? text : globalThis.dash_clientside.no_update), SETTLED_MS);
    });
  },

  /**
   * An answer of the server: its facts and the map's specification come together, so that the map never shows other figures than panels.
   *
   * @param {any} shown
   * @param {Spec | null} spec
   */
  shown(shown, spec) {
    if (!shown) return '';
    delete document.documentElement.dataset.waiting;
    if (lastPlace === shown.place && camera) keepCamera(camera);
    else camera = null;
    lastPlace = shown.place;
    paintAnswer(shown);
    announce(shown);
    if (spec) map.show({ ...spec, camera: { ...spec.camera, key: `${spec.camera.key}#${flights()}` } });
    return shown.search;
  },

  /**
   * Where a click on the map leads. Dash's Location would write it over an older address, because it knows nothing of the camera in ours.
   *
   * @param {{search: string} | null} goal
   */
  goal(goal) {
    if (!goal) return '';
    goTo(goal.search);
    return goal.search;
  },

  /**
   * Where the camera stands. While an answer is on its way it still stands over the old place, and the address stays as it is.
   *
   * @param {CameraFacts | null} now
   */
  moved(now) {
    if (!now) return '';
    camera = now;
    document.documentElement.style.setProperty('--bearing', `${-(now.bearing || 0)}deg`);
    document.documentElement.dataset.near = String(now.zoom >= NEAR_ZOOM);
    if (!('waiting' in document.documentElement.dataset)) keepCamera(now);
    return JSON.stringify(now);
  },
};

/** @param {any} shown */
function paintAnswer(shown) {
  const root = document.documentElement;
  root.lang = shown.html_lang;
  root.dataset.dim = shown.dim;
  document.title = shown.title;
  for (const [id, label] of Object.entries(shown.labels)) document.getElementById(id)?.setAttribute('aria-label', label);
  paintTheme();
  requestAnimationFrame(paintNotices);
}

/** Give Dash the functions. */
export function registerCallbacks() {
  globalThis.dash_clientside ??= /** @type {any} */ ({});
  globalThis.dash_clientside.gridwell = functions;
}
