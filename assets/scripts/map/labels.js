// Names of areas and waters. Signed distance fields keep the halo even at every size.
(function (gw) {
  'use strict';

  const recipes = gw.recipes;
  const FACES = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", system-ui, sans-serif';
  const SERIF = '"Songti SC", SimSun, "Noto Serif CJK SC", "Source Han Serif SC", serif';
  const SDF = { sdf: true, fontSize: 72, buffer: 18, radius: 25, cutoff: 0.22, smoothing: 0.075 };

  // What a layer of names could show: placing decides which.
  gw.labelsOf = function (props, scene) {
    const shapes = scene.json(props.data);
    if (!shapes) return [];
    const size = scene.small ? Math.max(12, props.size - 3) : props.size * gw.scale;
    const key = `labels ${scene.spec.lang} ${size} ${JSON.stringify([props.texts, props.skip, props.invert])}`;
    return gw.memo(shapes, key, () => {
      const skip = props.skip || [];
      const inverted = new Set(props.invert || []);
      return shapes.areas
        .filter((area) => area.at && !skip.includes(area.code))
        .map((area) => {
          const label = gw.lastLabel(area.path);
          const name = (scene.spec.lang === 'en' && area.name_en) || area.name;
          const text = broken(props.texts ? props.texts[label] || name : name);
          return { at: area.at, text, size, rank: props.rank, weight: weight(area), reach: reach(area), rings: gw.rings(area), inverted: inverted.has(label), code: area.code };
        });
    });
  };

  // A long name in Latin letters stands in two lines, broken at the space nearest its middle.
  const LONGEST = 15;
  const broken = (text) => text.split('\n').map(folded).join('\n');

  function folded(line) {
    if (line.length <= LONGEST || /[\u4e00-\u9fff]/.test(line)) return line;
    const spaces = [...line.matchAll(/ /g)].map((found) => found.index);
    if (!spaces.length) return line;
    const middle = spaces.reduce((a, b) => (Math.abs(b - line.length / 2) < Math.abs(a - line.length / 2) ? b : a));
    return line.slice(0, middle) + '\n' + line.slice(middle + 1);
  }

  // Its westernmost and its easternmost corner.
  function reach(area) {
    const corners = gw.rings(area).flat();
    return [corners.reduce((a, b) => (b[0] < a[0] ? b : a)), corners.reduce((a, b) => (b[0] > a[0] ? b : a))];
  }

  // Larger areas are named first.
  function weight(area) {
    const ring = area.polygons[0][0];
    let sum = 0;
    for (let i = 0; i + 1 < ring.length; i++) sum += ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
    return Math.abs(sum);
  }

  recipes.AreaLabels = function (props, scene) {
    const all = gw.labelsOf(props, scene);
    const placed = scene.placed.labels.get(props.id) || [];
    if (!placed.length) return [];
    // Every character that may be needed, so that moving the map never makes the letters anew (and none is ever missing).
    const characterSet = gw.memo(all, 'characters', () => [...new Set(all.flatMap((label) => [...label.text]))].join(''));
    const quiet = props.rank < 10;
    const [land, text] = [gw.ink(quiet ? 'map-land' : 'map-halo', 235), props.getColor];
    const lightOnDark = gw.theme() === 'light';
    const some = (id, data, color, width, outline) =>
      data.length
        ? [
            new deck.TextLayer({
              id,
              data,
              characterSet,
              getPosition: (d) => [...d.at, scene.flat ? 0 : 30],
              getText: (d) => d.text,
              getSize: (d) => d.size,
              getPixelOffset: (d) => d.offset,
              getColor: color,
              fontFamily: FACES,
              fontWeight: 700,
              fontSettings: SDF,
              outlineWidth: width,
              outlineColor: outline,
              lineHeight: 1.2,
              billboard: true,
              ...gw.TEXT,
            }),
          ]
        : [];
    return [
      ...some(props.id, placed.filter((d) => !(d.inverted && lightOnDark)), text, quiet ? 4 : 5, land),
      ...some(props.id + '-inverted', placed.filter((d) => d.inverted && lightOnDark), [255, 255, 255, 255], 3, gw.ink('text', 170)),
    ];
  };

  recipes.WaterNames = function (props, scene) {
    const waters = scene.json(props.data);
    if (!waters || !waters.rows.length) return [];
    const spaced = (text) => (/^[\u4e00-\u9fff]{2,4}$/.test(text) ? [...text].join('    ') : text);
    return [
      new deck.TextLayer({
        id: props.id,
        data: waters.rows,
        getPosition: (d) => [d.lon, d.lat],
        getText: (d) => spaced(d.text),
        getSize: (d) => Math.min(props.sizeM, d.width_m * 0.55),
        getAngle: (d) => d.angle,
        billboard: false,
        sizeUnits: 'meters',
        fontFamily: SERIF,
        characterSet: 'auto',
        getColor: props.getColor,
        fontSettings: { sdf: true, fontSize: 72, buffer: 10, radius: 14 },
        updateTriggers: { getSize: props.sizeM },
        ...gw.TEXT,
      }),
    ];
  };
})(window.gridwell);
