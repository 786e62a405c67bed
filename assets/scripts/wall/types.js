/** The shapes of what the server tells a wall; `data/wall/types.py` says what they mean. No browser loads anything of this file. */

/** @typedef {{numerator: number | null, denominator: number | null, value: number | null, reason: string | null}} Share */
/**
 * @typedef {{
 *   id: string, at: string, only_day: boolean, category: string, category_en: string, source: string, stage: string,
 *   state: string | null, severity: number, area: string[], area_en: string[], lon: number | null, lat: number | null,
 * }} NewCase
 */
/** @typedef {{lon: number, lat: number, n: number, serious: number}} LitCell */
/**
 * @typedef {{
 *   code: string, name: string, name_en: string, now: number, before: number,
 *   ratio: number | null, low: number | null, high: number | null, verdict: string,
 * }} AreaChange
 */
/**
 * @typedef {{
 *   versions: Record<string, number>, as_of: string, today: string, current: boolean, timezone: string,
 *   area: {code: string, name: string, name_en: string, level: string},
 *   levels: {level: string, name: string, name_en: string, n: number}[],
 *   reported: {n: number, usual: number | null, days: number},
 *   open: {n: number, overdue: number, due_soon: number},
 *   on_time: Share, proactive: Share, satisfied: Share,
 *   residents: {total: number | null, as_of: string | null, staffed: number | null, grids: number | null},
 *   workers: number | null, hazard: string | null,
 *   hours: {today: number[], usual: number[], left_out: number} | null,
 *   week: {from: string, to: string, cells: number[][]} | null,
 *   changes: {level: string, level_name: string, level_name_en: string, days: number, areas: AreaChange[]},
 *   cases: NewCase[] | null, overdue: LitCell[] | null,
 * }} WallFigures
 */

export {};
