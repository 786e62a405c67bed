// Cases as pins (symbol = category, fill = deadline state), "+n" where several share a place, circles with a count from afar; facilities.
(function (gw) {
  'use strict';

  const recipes = gw.recipes;
  const PIN = { width: 96, height: 116 };
  const SPOT = 64;
  gw.PINS_FROM_ZOOM = 12.6;
  gw.FACILITIES_FROM_ZOOM = 13;

  const css = (ink) => `rgba(${ink[0]},${ink[1]},${ink[2]},${ink[3] / 255})`;

  // Icons are drawn from paths, not loaded as pictures: nothing to wait for, nothing to allow in a content policy.
  function atlas(count, width, height, draw) {
    const across = Math.min(count, 16);
    const canvas = document.createElement('canvas');
    canvas.width = width * across;
    canvas.height = height * Math.ceil(count / across);
    const pen = canvas.getContext('2d');
    pen.lineCap = pen.lineJoin = 'round';
    const place = (i) => [(i % across) * width, Math.floor(i / across) * height];
    for (let i = 0; i < count; i++) {
      pen.save();
      pen.translate(...place(i));
      draw(pen, i);
      pen.restore();
    }
    return { canvas, place };
  }

  function symbol(pen, icons, name, x, y, scale, color, width) {
    pen.translate(x, y);
    pen.scale(scale, scale);
    pen.lineWidth = width;
    pen.strokeStyle = color;
    pen.stroke(new Path2D(icons[name] || icons.dot));
  }

  const DROP = 'M24 56 17 43a19.5 19.5 0 1 1 14 0z';
  const atlases = new Map();

  function kept(key, make) {
    if (!atlases.has(key)) {
      if (atlases.size > 12) atlases.clear();
      atlases.set(key, make());
    }
    return atlases.get(key);
  }

  function pinAtlas(props, icons) {
    const states = Object.keys(props.inks);
    const symbols = [...new Set([...Object.values(props.symbols), 'dot'])];
    return kept('pins' + gw.theme() + symbols.join(), () => {
      const pairs = states.flatMap((state) => symbols.map((name) => [state, name]));
      const [rim, mark] = [css(props.getLineColor), css(gw.ink('pin-ink'))];
      const { canvas, place } = atlas(pairs.length, PIN.width, PIN.height, (pen, i) => {
        const [state, name] = pairs[i];
        pen.scale(2, 2);
        const drop = new Path2D(DROP);
        pen.fillStyle = css(props.inks[state]);
        pen.strokeStyle = rim;
        pen.lineWidth = 2.6;
        pen.fill(drop);
        pen.stroke(drop);
        symbol(pen, icons, name, 10.5, 11, 1.125, mark, 2);
      });
      const mapping = {};
      pairs.forEach(([state, name], i) => {
        const [x, y] = place(i);
        mapping[`${state} ${name}`] = { x, y, ...PIN, anchorX: 48, anchorY: 112 };
      });
      return { canvas, mapping };
    });
  }

  recipes.IncidentPins = function (props, scene) {
    const cases = scene.json(props.data);
    if (!cases) return [];
    const rows = scene.placed.pins;
    if (rows.kind === 'clusters') return circles(props, rows.shown);
    const { canvas, mapping } = pinAtlas(props, scene.spec.icons);
    const size = scene.pin * 1.2;
    const picked = scene.spec.picked.incident;
    const layers = [
      new deck.IconLayer({
        id: props.id,
        data: rows.shown,
        iconAtlas: canvas,
        iconMapping: mapping,
        getIcon: (d) => `${d.state} ${props.symbols[d.category] || 'dot'}`,
        getPosition: (d) => [d.lon, d.lat, 2],
        getSize: (d) => gw.pinSize(d.state, size) * (d.key === picked ? 1.35 : 1),
        sizeUnits: 'pixels',
        alphaCutoff: 0.3,
        pickable: true,
        opacity: props.opacity,
        updateTriggers: { getSize: [picked, size], getIcon: gw.theme() },
        ...gw.OVER,
      }),
    ];
    const folded = rows.shown.filter((d) => d.more > 0);
    if (folded.length) layers.push(badge(props.id + '-more', folded, (d) => `+${d.more}`, () => [size * 0.6, -size * 0.98], props.opacity));
    return layers;
  };

  function badge(id, data, text, offset, opacity) {
    return new deck.TextLayer({
      id,
      data,
      getPosition: (d) => [d.lon, d.lat, 2],
      getText: text,
      getPixelOffset: offset,
      getSize: 12 * gw.scale,
      fontWeight: 700,
      characterSet: '+0123456789, ',
      fontFamily: 'system-ui, "Noto Sans", sans-serif',
      getColor: gw.ink('text'),
      background: true,
      getBackgroundColor: gw.ink('raised', 240),
      getBorderColor: gw.ink('hairline'),
      getBorderWidth: 1,
      backgroundBorderRadius: 8,
      backgroundPadding: [5, 1],
      opacity,
      pickable: true,
      ...gw.TEXT,
    });
  }

  // Pixels; by the number alone, so that circles of two areas can be compared.
  gw.circleRadius = (d) => Math.min(28, 11 + 2.4 * Math.log2(d.n)) * gw.scale;

  // Circles grow with the number; the ring turns red with the share that is overdue.
  function circles(props, rows) {
    const ring = (d) => gw.mix(gw.ink('paused'), gw.ink('pin-overdue'), d.overdue ? 0.45 + 0.55 * Math.min(1, (d.overdue / d.n) * 2) : 0);
    return [
      new deck.ScatterplotLayer({
        // A layer's id belongs to one type: pins and circles must not share it.
        id: props.id + '-circles',
        data: rows,
        getPosition: (d) => [d.lon, d.lat],
        getRadius: gw.circleRadius,
        radiusUnits: 'pixels',
        billboard: true,
        getFillColor: gw.ink('raised', 235),
        stroked: true,
        getLineColor: ring,
        getLineWidth: 2.5,
        lineWidthUnits: 'pixels',
        pickable: true,
        opacity: props.opacity,
        updateTriggers: { getLineColor: gw.theme() },
        ...gw.OVER,
      }),
      new deck.TextLayer({
        id: props.id + '-count',
        data: rows,
        getPosition: (d) => [d.lon, d.lat],
        getText: (d) => String(d.n),
        getSize: 12 * gw.scale,
        fontWeight: 700,
        characterSet: '0123456789',
        fontFamily: 'system-ui, "Noto Sans", sans-serif',
        getColor: gw.ink('text'),
        ...gw.TEXT,
      }),
    ];
  }

  // ---- Facilities ----

  recipes.FacilityPins = function (props, scene) {
    const found = scene.json(props.data);
    if (!found || scene.zoom < gw.FACILITIES_FROM_ZOOM) return [];
    const names = gw.memo(found, 'symbols', () => [...new Set(found.rows.map((row) => row.symbol))]);
    const { canvas, mapping } = kept('spots' + gw.theme() + names.join(), () => spotAtlas(names, props, scene.spec.icons));
    return [
      new deck.IconLayer({
        id: props.id,
        data: scene.placed.facilities,
        iconAtlas: canvas,
        iconMapping: mapping,
        getIcon: (d) => d.symbol,
        getPosition: (d) => [d.lon, d.lat, 2],
        getSize: props.size,
        sizeUnits: 'pixels',
        alphaCutoff: 0.3,
        pickable: true,
        opacity: props.opacity,
        updateTriggers: { getIcon: gw.theme() },
        ...gw.OVER,
      }),
    ];
  };

  function spotAtlas(names, props, icons) {
    const { canvas, place } = atlas(names.length, SPOT, SPOT, (pen, i) => {
      pen.fillStyle = css(gw.ink('raised', 245));
      pen.strokeStyle = css(gw.ink('muted'));
      pen.lineWidth = 3;
      pen.beginPath();
      pen.arc(SPOT / 2, SPOT / 2, SPOT / 2 - 3, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
      symbol(pen, icons, names[i], 12, 12, 40 / 24, css(props.getColor), 2);
    });
    const mapping = {};
    names.forEach((name, i) => {
      const [x, y] = place(i);
      mapping[name] = { x, y, width: SPOT, height: SPOT };
    });
    return { canvas, mapping };
  }

  // Facilities that have room; rare kinds come first in the answer.
  gw.placeFacilities = function (rows, view, size) {
    const taken = new gw.Boxes();
    const shown = [];
    for (const row of rows) {
      const [x, y, z] = view.viewport.project([row.lon, row.lat, 0]);
      if (!(z > -1 && z < 1) || x < -20 || y < -20 || x > view.viewport.width + 20 || y > view.viewport.height + 20) continue;
      const box = [x - size / 2, y - size / 2, x + size / 2, y + size / 2];
      if (taken.hit(box).length) continue;
      taken.add(box, row);
      shown.push(row);
    }
    return shown;
  };
})(window.gridwell);
