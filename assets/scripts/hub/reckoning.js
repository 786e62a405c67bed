/** What the matrix shows, worked out from what the server says. Nothing here touches the page. */

/** How bad a state is: the worst feed gives a crossing its state. The last two are no faults. */
export const WORST_FIRST = ['never', 'failed', 'late', 'empty', 'on_time', 'not_due'];
/** From so many working days on, a late crossing is shown in the darker colour. */
export const LONG_LATE = 3;
const DAY_MS = 86400000;

/** @param {{state: string, late_days?: number}} one @param {{state: string, late_days?: number}} other */
export const byWorst = (one, other) =>
  WORST_FIRST.indexOf(one.state) - WORST_FIRST.indexOf(other.state) || (other.late_days ?? 0) - (one.late_days ?? 0);

/** @param {HubPick} one */
export const keyOf = ({ level, department }) => `${level}.${department}`;

/**
 * How a crossing or a feed looks: the name of its colour and symbol.
 *
 * @param {{feeds: number, state: string, late_days: number, hidden: boolean} | null | undefined} cell
 */
export function toneOf(cell) {
  if (!cell) return 'none';
  if (cell.hidden) return 'hidden';
  if (!cell.feeds) return 'none';
  return cell.state === 'late' && cell.late_days >= LONG_LATE ? 'late long' : cell.state;
}

/** The classes of a tone. @param {string} tone */
export const classOf = (tone) => tone.split(' ').map((one) => `is-${one}`).join(' ');

/** Whether something is wrong with a crossing that the reader may see. @param {HubCell | null | undefined} cell */
export const isFaulty = (cell) => !['none', 'hidden', 'on_time', 'not_due'].includes(toneOf(cell));

/**
 * Columns in their groups, and rows from the top. Levels without feeds keep their row.
 *
 * @param {HubAnswer} answer
 */
export function layOut({ departments, levels, cells }) {
  const at = new Map(cells.map((cell) => [keyOf(cell), cell]));
  /** @type {{name: string, from: number, size: number}[]} */
  const groups = [];
  departments.forEach(({ group }, n) => {
    const last = groups.at(-1);
    if (last && last.name === group) last.size += 1;
    else groups.push({ name: group, from: n, size: 1 });
  });
  const rows = levels.map((level) => {
    const row = departments.map(({ code }) => at.get(`${level}.${code}`) ?? null);
    return { level, cells: row, feeds: row.reduce((sum, cell) => sum + (cell?.feeds ?? 0), 0) };
  });
  return { groups, rows };
}

/**
 * The crossing that needs somebody most: where the matrix begins when the address names none.
 *
 * @param {HubAnswer} answer
 * @returns {HubPick | null}
 */
export function worstOf({ cells, departments, levels }) {
  const seen = cells.filter((cell) => cell.feeds && !cell.hidden && departments.some(({ code }) => code === cell.department));
  const [worst] = seen.toSorted(byWorst);
  if (worst) return { level: worst.level, department: worst.department };
  return departments.length && levels.length ? { level: levels[0], department: departments[0].code } : null;
}

/**
 * Where a key leads from a crossing; null for keys that lead nowhere.
 *
 * @param {HubPick} from
 * @param {{key: string, ctrlKey?: boolean}} pressed
 * @param {{departments: {code: string}[], levels: string[]}} within
 * @returns {HubPick | null}
 */
export function moved(from, { key, ctrlKey = false }, { departments, levels }) {
  const [row, column] = [levels.indexOf(from.level), departments.findIndex(({ code }) => code === from.department)];
  const [lastRow, lastColumn] = [levels.length - 1, departments.length - 1];
  /** @type {Record<string, [number, number]>} */
  const ways = {
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    Home: [ctrlKey ? 0 : row, 0],
    End: [ctrlKey ? lastRow : row, lastColumn],
    PageUp: [0, column],
    PageDown: [lastRow, column],
  };
  if (!(key in ways)) return null;
  /** @param {number} n @param {number} last */
  const within = (n, last) => Math.min(last, Math.max(0, n));
  return { level: levels[within(ways[key][0], lastRow)], department: departments[within(ways[key][1], lastColumn)].code };
}

/** @param {string} day @param {number} by */
export const shiftDay = (day, by) => new Date(Date.parse(`${day}T00:00:00Z`) + by * DAY_MS).toISOString().slice(0, 10);

/** Days from one to another. @param {string} from @param {string} to */
export const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);

/**
 * Where months begin among days, as shares of the whole; the first of a year names the year. The span's own first month is named only if
 * there is room before the next one.
 *
 * @param {string} first
 * @param {string} last
 */
export function monthMarks(first, last) {
  const days = daysBetween(first, last) + 1;
  /** @type {{month: string, at: number, year: boolean}[]} */
  const marks = [];
  for (let n = 0; n < days; n += 1) {
    const day = shiftDay(first, n);
    if (day.endsWith('-01')) marks.push({ month: day.slice(0, 7), at: n / days, year: day.slice(5, 7) === '01' });
  }
  return marks;
}

/**
 * The week after which the year's faults stand out, if one does: twice as many as any week that does not touch it.
 *
 * @param {{day: string, late: number, failed: number}[]} days
 */
export function peakOf(days) {
  const worst = days.toSorted((one, other) => other.late + other.failed - one.late - one.failed);
  const [peak] = worst;
  const rival = worst.find(({ day }) => peak && Math.abs(daysBetween(peak.day, day)) > 7);
  return peak && rival && peak.late + peak.failed >= 2 * (rival.late + rival.failed) && peak.late + peak.failed > 3 ? peak : null;
}
