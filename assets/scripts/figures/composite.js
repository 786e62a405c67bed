/** The composite: its parts with weights, points and validity, and the grade. */

import { box } from '../desk/cells.js';
import { facts, inLanguage, say } from '../desk/facts.js';
import { Panel, remark, table } from './panels.js';
import { fixed, unitText, valueText } from './numbers.js';
import { indicatorOf } from './where.js';

/** A grade with its limits. @param {any} composite @param {string} grade */
export function gradeText(composite, grade) {
  const grades = /** @type {[string, number][]} */ (Object.entries(composite.grades));
  const place = grades.findIndex(([one]) => one === grade);
  const from = grades[place][1];
  return place ? say('grade_of', { grade, from, to: grades[place - 1][1] }) : say('grade_top', { grade, from });
}

/** The way to the weights, for whoever may see the page of rules. */
function whereKept() {
  if (!facts().can.cases) return null;
  const made = box('a', '', say('composite_where'));
  made.href = '/desk/rules?tab=weights';
  return box('p', 'panel-remark', made);
}

export const compositePanel = new Panel('composite', 'half');

/** @param {any} told Answer of the machine door with every part. */
export function paintComposite(told) {
  const { composite, groups } = told;
  if (!composite) {
    compositePanel.name(say('composite_title'), '');
    return [remark(say('composite_none')), whereKept()];
  }
  const name = inLanguage(composite.name, composite.name_en);
  const [from, to] = [composite.valid_from ?? say('always'), composite.valid_to ?? say('always')];
  compositePanel.name(say('composite_title'), say('composite_how', { name, from, to }));
  const graded = groups[0].composite;
  const rows = Object.entries(composite.weights).map(([code, weight]) => {
    const { title, kind } = indicatorOf(code);
    const value = groups[0].values.find((/** @type {IndicatorTold} */ one) => one.indicator === code);
    const [best, worst] = composite.scales[code].map((/** @type {number} */ one) => `${valueText(kind, one)}`);
    const points = graded?.points[code];
    const shown = value?.value === null || value === undefined
      ? say(`reason_${value?.reason ?? 'no_cases'}`)
      : `${valueText(kind, value.value)} ${unitText(kind, say)}`;
    return [
      title,
      shown,
      `${worst} – ${best} ${unitText(kind, say)}`,
      points === undefined ? '–' : fixed(points),
      `${fixed(/** @type {number} */ (weight) * 100)}%`,
    ];
  });
  const heads = [say('column_part'), say('column_value'), say('column_scale'), say('column_points'), say('column_weight')];
  const score = graded?.score ?? null;
  const sum = score === null
    ? say('no_score', { names: graded.missing.map((/** @type {string} */ code) => indicatorOf(code).title).join(', ') })
    : `${fixed(score, 2)} · ${gradeText(composite, graded.grade)}`;
  const grades = Object.entries(composite.grades).map(([grade, least]) => `${grade} ≥ ${least}`).join(' · ');
  return [
    table(say('composite_title'), heads, rows),
    box('p', 'composite-sum', box('b', '', sum)),
    remark(`${say('grades')}: ${grades}`),
    whereKept(),
  ];
}
