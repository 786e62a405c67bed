// Plane geometry: rings of polygons, hatching, boxes on the screen.
(function (gw) {
  'use strict';

  const EARTH = 6371008.8;
  const RAD = Math.PI / 180;

  // Every ring of every part of an area.
  gw.rings = (area) => area.polygons.flat();

  // A ring as dashes about `pitch` metres apart. Each edge is cut by itself and evenly, so that two neighbours' dashes fall together.
  gw.dashes = function (ring, pitch) {
    const drawn = [];
    for (let i = 0; i + 1 < ring.length; i++) {
      const [a, b] = [ring[i], ring[i + 1]];
      const n = Math.max(1, Math.round(gw.distance(a, b) / pitch));
      const at = (share) => [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
      for (let k = 0; k < n; k++) drawn.push([at((k + 0.25) / n), at((k + 0.75) / n)]);
    }
    return drawn;
  };

  gw.metresPerDegree = (lat) => [EARTH * RAD * Math.cos(lat * RAD), EARTH * RAD];

  gw.distance = function (a, b) {
    const [kx, ky] = gw.metresPerDegree((a[1] + b[1]) / 2);
    return Math.hypot((a[0] - b[0]) * kx, (a[1] - b[1]) * ky);
  };

  // Parallel lines at 45° inside a polygon, `pitch` metres apart. Lines of all areas lie on one raster, so that neighbours join.
  gw.hatch = function (rings, pitch) {
    const [kx, ky] = gw.metresPerDegree(rings[0][0][1]);
    const turned = rings.map((ring) => ring.map(([lon, lat]) => [(lon * kx + lat * ky) / Math.SQRT2, (lat * ky - lon * kx) / Math.SQRT2]));
    const ys = turned.flat().map((p) => p[1]);
    const lines = [];
    for (let y = Math.ceil(Math.min(...ys) / pitch) * pitch; y < Math.max(...ys); y += pitch) {
      const xs = turned.flatMap((ring) => crossings(ring, y)).sort((a, b) => a - b);
      for (let i = 0; i + 1 < xs.length; i += 2) lines.push([back(xs[i], y, kx, ky), back(xs[i + 1], y, kx, ky)]);
    }
    return lines;
  };

  function crossings(ring, y) {
    const xs = [];
    for (let i = 0; i + 1 < ring.length; i++) {
      const [a, b] = [ring[i], ring[i + 1]];
      if (a[1] <= y !== b[1] <= y) xs.push(a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0]));
    }
    return xs;
  }

  const back = (x, y, kx, ky) => [(x - y) / Math.SQRT2 / kx, (x + y) / Math.SQRT2 / ky];

  gw.hits = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

  // Boxes on the screen, found again by the square they lie in.
  gw.Boxes = class {
    constructor(side) {
      this.side = side || 64;
      this.squares = new Map();
    }
    *keys(box) {
      for (let x = Math.floor(box[0] / this.side); x <= box[2] / this.side; x++)
        for (let y = Math.floor(box[1] / this.side); y <= box[3] / this.side; y++) yield x * 4099 + y;
    }
    add(box, thing) {
      const entry = { box, thing };
      for (const key of this.keys(box)) {
        if (!this.squares.has(key)) this.squares.set(key, []);
        this.squares.get(key).push(entry);
      }
    }
    hit(box) {
      const found = new Set();
      for (const key of this.keys(box)) for (const entry of this.squares.get(key) || []) if (gw.hits(box, entry.box)) found.add(entry);
      return [...found];
    }
  };

  // Width of a text of one line in units of its size: a Chinese character is as wide as high.
  gw.textWidth = (text) => [...text].reduce((sum, c) => sum + (c.charCodeAt(0) > 255 ? 1.02 : 0.58), 0);
})(window.gridwell);
