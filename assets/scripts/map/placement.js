// Where names and pins stand: projected to the screen, the cheapest place wins; a pin without room is folded into its neighbour.
(function (gw) {
  'use strict';

  const OFFSETS = [[0, 0], [0, 26], [0, -26], [40, 0], [-40, 0], [40, 24], [-40, 24], [0, 44], [0, -44], [70, 0], [-70, 0], [0, 66], [0, -66], [100, 0], [-100, 0]];
  const NEAR = OFFSETS.slice(0, 7);
  const NAME_HEIGHT_M = 30;
  const PIN_SCALE = { overdue: 1.16, amber: 1.04 };
  const URGENT = new Set(['overdue', 'amber']);

  gw.pinSize = (state, size) => (PIN_SCALE[state] || 0.8) * size;

  // A point's place on the screen, or null when it is behind the camera or outside the free part of the map.
  function seen(viewport, at, height, free, margin) {
    const [x, y, z] = viewport.project([at[0], at[1], height]);
    if (!(z > -1 && z < 1)) return null;
    const within = x > free[0] + margin && x < free[2] - margin && y > free[1] + margin && y < free[3] - margin;
    return within ? [x, y] : null;
  }

  gw.labelBox = function (label, x, y) {
    const lines = label.text.split('\n');
    const width = Math.max(...lines.map(gw.textWidth)) * label.size + 8;
    const height = label.size * 1.22 * lines.length + 4;
    return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
  };

  // Names to show, each with its offset. Important ones first; those that would lie on another one, under a panel or a button stay away.
  gw.placeLabels = function (labels, pins, circles, view) {
    const taken = new gw.Boxes();
    (view.covered || []).forEach((box) => taken.add(box, {}));
    const urgent = obstacles(pins, circles, view, taken);
    const scale = view.small ? 0.7 : gw.scale;
    const placed = [];
    for (const label of [...labels].sort((a, b) => b.rank - a.rank || b.weight - a.weight)) {
      const at = seen(view.viewport, label.at, view.flat ? 0 : NAME_HEIGHT_M, view.free, 14);
      const best = at && cheapest(label, at, taken, urgent, label.rank >= 10 ? OFFSETS : NEAR, scale, view);
      if (!best || best.cost >= 20) continue;
      taken.add(best.box, label);
      placed.push({ ...label, offset: best.offset, inverted: label.inverted && fits(label, view.viewport) });
    }
    return { placed, taken };
  };

  // Whether a name stays inside its area: white letters that reach over its border could not be read.
  function fits({ text, size, reach }, viewport) {
    const [west, east] = reach.map((at) => viewport.project([at[0], at[1], 0])[0]);
    return Math.max(...text.split('\n').map(gw.textWidth)) * size < Math.abs(east - west) * 0.8;
  }

  // What names should rather not cover: urgent pins, and the rims of circles. Their numbers they never do: those are taken.
  function obstacles(pins, circles, view, taken) {
    const boxes = new gw.Boxes();
    const at = (row) => seen(view.viewport, [row.lon, row.lat], 0, view.free, 0);
    for (const pin of pins.filter((one) => URGENT.has(one.state))) {
      const point = at(pin);
      if (point) boxes.add(pinBox(point, view.pin * 1.1), pin);
    }
    for (const circle of circles) {
      const point = at(circle);
      if (!point) continue;
      const r = gw.circleRadius(circle);
      boxes.add(around(point, r, r), circle);
      taken.add(around(point, r * 0.6, r * 0.4), circle);
    }
    return boxes;
  }

  const around = ([x, y], dx, dy) => [x - dx, y - dy, x + dx, y + dy];

  // A flat map's name brings its area's value: it may step aside, but not out of its area.
  function cheapest(label, [x, y], taken, urgent, offsets, scale, view) {
    let best = null;
    for (const [dx, dy] of offsets) {
      const offset = [dx * scale, dy * scale];
      const box = gw.labelBox(label, x + offset[0], y + offset[1]);
      if (!within(box, view.free)) continue;
      if (view.flat && (dx || dy) && !holds(label.rings, view.viewport.unproject([x + offset[0], y + offset[1]]))) continue;
      const cost = taken.hit(box).length * 20 + urgent.hit(box).length * 3 + (Math.abs(offset[0]) + Math.abs(offset[1])) / 60;
      if (!best || cost < best.cost) best = { cost, offset, box };
    }
    return best;
  }

  const within = (box, free) => box[0] >= free[0] && box[1] >= free[1] && box[2] <= free[2] && box[3] <= free[3];

  // Even-odd rule over all rings, holes among them.
  function holds(rings, [x, y]) {
    let inside = false;
    for (const ring of rings) {
      for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
        const [[ax, ay], [bx, by]] = [ring[i], ring[j]];
        if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
      }
    }
    return inside;
  }

  const pinBox = ([x, y], size) => [x - size * 0.42, y - size * 1.15, x + size * 0.42, y];

  // Pins to draw, most urgent first; each counts in `more` those folded into it.
  gw.placePins = function (pins, labels, view) {
    const taken = new gw.Boxes();
    const placed = [];
    for (const pin of pins) {
      const at = project(view.viewport, pin);
      if (!at) continue;
      const box = pinBox(at, gw.pinSize(pin.state, view.pin));
      const beside = taken.hit(box);
      if (beside.length) {
        beside[0].thing.more += 1;
        beside[0].thing.folded.push(pin.key);
        continue;
      }
      const kept = { ...pin, more: 0, folded: [], x: at[0], y: at[1] };
      // Under a name only what is urgent is drawn; the rest joins the nearest pin.
      const nearest = !URGENT.has(pin.state) && labels.hit(box).length ? closest(placed, at, 90) : null;
      if (nearest) {
        nearest.more += 1;
        nearest.folded.push(pin.key);
        continue;
      }
      taken.add(box, kept);
      placed.push(kept);
    }
    return placed;
  };

  function project(viewport, pin) {
    const [x, y, z] = viewport.project([pin.lon, pin.lat, 0]);
    const near = z > -1 && z < 1 && x > -40 && y > -40 && x < viewport.width + 40 && y < viewport.height + 60;
    return near ? [x, y] : null;
  }

  function closest(placed, [x, y], reach) {
    let best = null;
    for (const pin of placed) {
      const distance = Math.hypot(pin.x - x, pin.y - y);
      if (distance < reach && (!best || distance < best.distance)) best = { pin, distance };
    }
    return best && best.pin;
  }

  // Far away: points counted in squares of the screen, at the middle of what they hold.
  gw.cluster = function (points, zoom) {
    const side = 512 / Math.pow(2, Math.floor(zoom * 2) / 2) / 7;
    const cells = new Map();
    for (const point of points) {
      const [x, y] = [(point.lon + 180) * (512 / 360), mercator(point.lat)];
      const key = Math.floor(x / side) * 1e7 + Math.floor(y / side);
      const cell = cells.get(key) || { n: 0, overdue: 0, lon: 0, lat: 0 };
      const n = point.n || 1;
      cell.overdue += point.n ? point.overdue : point.state === 'overdue' ? 1 : 0;
      cell.lon += (point.lon - cell.lon) * (n / (cell.n + n));
      cell.lat += (point.lat - cell.lat) * (n / (cell.n + n));
      cell.n += n;
      cells.set(key, cell);
    }
    return [...cells.values()].sort((a, b) => a.n - b.n);
  };

  const mercator = (lat) => (256 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
})(window.gridwell);
