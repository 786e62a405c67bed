// From what lies under the pointer to what it means: which area a click opens, which note is shown.
(function (gw) {
  'use strict';

  // {kind, …} for deck.gl's picking answer; the layer's own id says which recipe drew it.
  gw.meaning = function (info, scene) {
    if (!info || !info.object) return { kind: 'empty' };
    const id = scene.rootOf(info.layer.id);
    const row = info.object;
    if (id === 'fg-incidents') return row.state ? { kind: 'incident', row } : { kind: 'cluster', row };
    if (id === 'fg-facilities') return { kind: 'facility', row };
    if (id.startsWith('population')) return { kind: 'area', label: scene.labelOf(row.code) };
    if (id === 'grid') return { kind: 'area', label: row.label };
    if (id === 'buildings') return { kind: 'building', row, label: deepest(row.p, scene) };
    return { kind: 'empty' };
  };

  // The coloured area a building stands in, or a neighbour that is drawn.
  const deepest = (path, scene) => path.split('.').reverse().find((label) => scene.areas.has(label));

  gw.hoverLabel = (meaning, scene) => {
    if (meaning.kind === 'area') return meaning.label;
    return meaning.kind === 'building' && !opensBuilding(meaning, scene) ? meaning.label : null;
  };

  // Buildings open only where no area is left to open: a click goes one level deeper until then. Tiles seen from afar hold no keys.
  const opensBuilding = ({ row }, scene) => scene.spec.area.leaf && row.key !== undefined && row.p.split('.').includes(scene.spec.area.label);

  gw.tipOf = function (meaning, scene) {
    if (meaning.kind === 'incident') return gw.tipOfCase(meaning.row, scene, scene.asOf());
    if (meaning.kind === 'cluster') return gw.tipOfCluster(meaning.row, scene);
    if (meaning.kind === 'facility') return gw.tipOfFacility(meaning.row, scene);
    if (meaning.kind === 'area') return gw.tipOfArea(meaning.label, scene);
    if (meaning.kind !== 'building') return null;
    return opensBuilding(meaning, scene) ? gw.tipOfBuilding(meaning.row, scene) : gw.tipOfArea(meaning.label, scene);
  };

  // What the page is told about a click, or null when the map deals with it itself.
  gw.pickOf = function (meaning, scene) {
    if (meaning.kind === 'incident' || meaning.kind === 'facility') return { kind: meaning.kind, key: meaning.row.key };
    if (meaning.kind === 'building' && opensBuilding(meaning, scene)) return { kind: 'building', key: meaning.row.key };
    const area = scene.areas.get(meaning.label);
    if (!area) return { kind: 'empty' };
    return { kind: 'area', code: area.drill || area.code };
  };
})(window.gridwell);
