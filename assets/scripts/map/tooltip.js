// The note beside the pointer. Its texts come from the specification and from fetched rows, and are set as text.
(function (gw) {
  'use strict';

  const GAP = 18;

  gw.Tooltip = class {
    constructor(parent) {
      this.node = gw.node('div', 'map-tip');
      this.node.setAttribute('role', 'status');
      this.node.hidden = true;
      parent.append(this.node);
    }

    hide() {
      this.node.hidden = true;
      this.shown = null;
    }

    // `content` is null or {key, chip, chipTone, time, title, sub, value, unit, ref, lines}; the place is in pixels of the map.
    show(content, x, y, free) {
      if (!content) return this.hide();
      if (this.shown !== content.key) {
        this.node.replaceChildren(...parts(content));
        this.shown = content.key;
      }
      this.node.hidden = false;
      const { offsetWidth: width, offsetHeight: height } = this.node;
      const left = x + GAP + width < free[2] ? x + GAP : x - GAP - width;
      const top = y - GAP - height > free[1] ? y - GAP - height : y + GAP;
      this.node.style.transform = `translate(${Math.round(Math.max(free[0], left))}px, ${Math.round(Math.min(top, free[3] - height))}px)`;
    }
  };

  function parts(content) {
    const made = [];
    if (content.chip) {
      const head = gw.node('div', 'map-tip-head');
      const chip = gw.node('span', 'map-tip-chip', content.chip);
      chip.dataset.tone = content.chipTone;
      head.append(chip, gw.node('span', 'map-tip-time', content.time || ''));
      made.push(head);
    }
    const title = gw.node('div', 'map-tip-title', content.title);
    if (content.sub) title.append(gw.node('span', 'map-tip-sub', content.sub));
    made.push(title);
    if (content.value) {
      const value = gw.node('div', 'map-tip-value', content.value);
      if (content.unit) value.append(gw.node('span', 'map-tip-sub', content.unit));
      if (content.ref) value.append(gw.node('span', 'map-tip-sub', content.ref));
      made.push(value);
    }
    for (const line of content.lines || []) if (line) made.push(gw.node('div', 'map-tip-line', line));
    return made;
  }

  // ---- Contents ----

  // The code of an area from its path label, in which all but letters and digits are hex code points.
  gw.codeOf = (label) => label.replace(/_([0-9a-f]+)_/g, (_, hex) => String.fromCodePoint(parseInt(hex, 16)));

  // Each area brings its name, its value and its own lines; what all have in common is sent once.
  gw.tipOfArea = function (label, scene) {
    const { of, unit, ref, span } = scene.spec.tips;
    if (!of[label]) return null;
    const [title, value, ...own] = of[label];
    const code = gw.codeOf(label);
    const area = scene.areas.get(label);
    const approximate = area && area.origin === 'approximate' ? scene.spec.words.approximate : '';
    const told = { key: 'area ' + label, title, sub: code, lines: [...own, span, approximate] };
    return value === null ? told : { ...told, value, unit, ref: code === scene.spec.area.code ? '' : ref };
  };

  const FORMAT = { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };

  function clock(moment, scene) {
    const parts = new Intl.DateTimeFormat('en-GB', { ...FORMAT, timeZone: scene.spec.words.timezone }).formatToParts(new Date(moment));
    const part = (type) => parts.find((found) => found.type === type).value;
    return `${part('month')}-${part('day')} ${part('hour')}:${part('minute')}`;
  }

  function span(ms, words) {
    const hours = Math.max(0, Math.round(Math.abs(ms) / 3.6e6));
    return hours < 48 ? gw.fill(words.hours, { n: hours }) : gw.fill(words.days, { n: Math.round(hours / 24) });
  }

  gw.tipOfCase = function (row, scene, asOf) {
    const { words, lang } = scene.spec;
    const left = row.due_at ? new Date(row.due_at) - new Date(asOf) : null;
    const told = { overdue: words.overdue_by, amber: words.due_in, on_time: words.due_in }[row.state];
    const chip = told && left !== null ? gw.fill(told, { time: span(left, words) }) : words.states[row.state];
    const where = lang === 'en' ? [row.community_en, row.cell_en] : [row.community, row.cell];
    const lines = [
      [where.filter(Boolean).join(' '), words.channels[row.channel] || row.channel].filter(Boolean).join(' · '),
      row.due_at ? gw.fill(words.due_at, { time: clock(row.due_at, scene) }) : gw.fill(words.reported_at, { time: clock(row.reported_at, scene) }),
    ];
    if (row.more) lines.push(gw.fill(words.cases_here, { n: row.more + 1 }));
    const title = words.categories[row.category] || row.category;
    return { key: 'case ' + row.key + row.more, chip, chipTone: row.state, time: gw.fill(words.as_of, { time: clock(asOf, scene) }), title, lines };
  };

  gw.tipOfCluster = (row, scene) => ({
    key: `cluster ${row.lon} ${row.lat} ${row.n}`,
    title: gw.fill(scene.spec.words.cases_here, { n: row.n }),
    lines: [row.overdue ? `${scene.spec.words.states.overdue} ${row.overdue}` : '', scene.spec.words.zoom_in],
  });

  gw.tipOfFacility = (row, scene) => ({
    key: 'facility ' + row.key,
    title: row.name,
    lines: [scene.spec.lang === 'en' ? row.kind_en : row.kind],
  });

  gw.tipOfBuilding = function (row, scene) {
    const { words } = scene.spec;
    const lines = [
      [row.floors ? gw.fill(words.floors, { n: row.floors }) : '', row.h ? gw.fill(words.height, { n: row.h }) : ''].filter(Boolean).join(' · '),
      row.res ? gw.fill(words.residents, { n: row.res }) : '',
    ];
    const label = row.p.split('.').reverse().find((part) => scene.spec.tips.of[part]);
    const title = (words.uses && words.uses[row.use]) || words.building;
    return { key: 'building ' + row.key, title, sub: label ? scene.spec.tips.of[label][0] : '', lines };
  };
})(window.gridwell);
