// The camera: a long lens, the picked area in the free part of the map, and no motion for those who asked for none.
(function (gw) {
  'use strict';

  const FOVY = 28;
  const FLIGHT_MS = 700;
  const TURN_MS = 600;
  const PITCH = 50;
  const BEARING = -16;
  gw.LIMITS = { minZoom: 5, maxZoom: 18.5, minPitch: 0, maxPitch: 62 };

  // What panels cover, in pixels. The page may say otherwise on the map's element: --map-left, --map-right, --map-top, --map-bottom.
  gw.padding = function (root) {
    const style = getComputedStyle(root);
    const { clientWidth: width, clientHeight: height } = root;
    const small = width < 700;
    const usual = small ? [0, 0, 124, 490] : [304, 384, 48, 88];
    const [left, right, top, bottom] = ['left', 'right', 'top', 'bottom'].map((side, i) => {
      const said = parseFloat(style.getPropertyValue('--map-' + side));
      return Number.isFinite(said) ? said : usual[i];
    });
    // A part of the map stays free, whatever the panels say: a third across, a quarter down (a phone's sheet and legend are tall).
    const across = Math.min(1, (width * 0.67) / Math.max(1, left + right));
    const down = Math.min(1, (height * 0.76) / Math.max(1, top + bottom));
    return { left: left * across, right: right * across, top: top * down, bottom: bottom * down, small };
  };

  gw.makeView = function (deck, padding) {
    return new deck.MapView({
      id: 'm',
      repeat: false,
      fovy: FOVY,
      padding: { left: padding.left, right: padding.right, top: padding.top, bottom: padding.bottom },
      farZMultiplier: 1.3,
      controller: { keyboard: true, touchRotate: true, touchZoom: true, doubleClickZoom: true, inertia: gw.reduced() ? false : 250, ...gw.LIMITS },
    });
  };

  gw.freeBox = (padding, width, height) => [padding.left + 8, padding.top + 8, width - padding.right - 8, height - padding.bottom - 8];

  // The camera that shows a box (degrees) as large as the free part of the map allows. Its corners may reach a little over the edge:
  // areas seldom fill the corners of their box.
  gw.fit = function (view, { box, pitch, bearing }, size, padding) {
    const [west, south, east, north] = box;
    const half = pitch ? 0.46 : 0.49;
    const [x, y, dx, dy] = [(west + east) / 2, (south + north) / 2, (east - west) * half, (north - south) * half];
    const corners = [[x - dx, y - dy], [x + dx, y - dy], [x + dx, y + dy], [x - dx, y + dy]];
    const free = gw.freeBox(padding, size.width, size.height);
    let state = { longitude: x, latitude: y, zoom: gw.LIMITS.minZoom, pitch, bearing };
    const on = (zoom) => view.makeViewport({ ...size, viewState: { ...state, zoom } });
    let [low, high] = [gw.LIMITS.minZoom, 17.2];
    for (let i = 0; i < 14; i++) {
      const zoom = (low + high) / 2;
      const seen = spread(on(zoom), corners);
      const fits = seen && seen[2] - seen[0] <= free[2] - free[0] && seen[3] - seen[1] <= free[3] - free[1];
      if (fits) low = zoom;
      else high = zoom;
    }
    state = { ...state, zoom: low };
    for (let i = 0; i < 3; i++) state = recentred(on(low), corners, free, state, view, size);
    return state;
  };

  function spread(viewport, corners) {
    const points = corners.map((corner) => viewport.project([...corner, 0]));
    if (points.some((p) => !(p[2] > -1 && p[2] < 1))) return null;
    const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  }

  function recentred(_, corners, free, state, view, size) {
    const viewport = view.makeViewport({ ...size, viewState: state });
    const seen = spread(viewport, corners);
    if (!seen) return state;
    const [cx, cy] = viewport.project([state.longitude, state.latitude, 0]);
    const shift = [(seen[0] + seen[2] - free[0] - free[2]) / 2, (seen[1] + seen[3] - free[1] - free[3]) / 2];
    const [longitude, latitude] = viewport.unproject([cx + shift[0], cy + shift[1]]);
    return { ...state, longitude, latitude };
  }

  gw.flying = function (deck, to, ms) {
    if (gw.reduced() || ms === 0) return { ...to, transitionDuration: 0 };
    const interpolator = new deck.LinearInterpolator(['longitude', 'latitude', 'zoom', 'pitch', 'bearing']);
    return { ...to, transitionDuration: ms || FLIGHT_MS, transitionInterpolator: interpolator, transitionEasing: (t) => 1 - Math.pow(1 - t, 3) };
  };

  gw.tilted = (deck, now, flat) => gw.flying(deck, { ...now, pitch: flat ? 0 : PITCH, bearing: flat ? 0 : BEARING }, TURN_MS);
})(window.gridwell);
