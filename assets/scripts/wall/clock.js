/** Day and time of a city, in figures and in words. */

/**
 * Day, hour and minute in a city.
 *
 * @param {number} ms
 * @param {string} timeZone
 */
export function readCity(ms, timeZone) {
  const parts = formatter(timeZone).formatToParts(ms);
  const at = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return { day: `${at.year}-${at.month}-${at.day}`, hour: Number(at.hour), minute: Number(at.minute), time: `${at.hour}:${at.minute}` };
}

/**
 * The city's day and time by the server's clock, and whether the day of figures is over: then they say nothing of the present one.
 *
 * @param {{today: string, current: boolean, timezone: string}} told
 * @param {{now(): number, isSet: boolean}} clock
 */
export function readDay(told, clock) {
  const here = readCity(clock.now(), told.timezone);
  const isOver = told.current && clock.isSet && here.day !== told.today;
  return { ...here, isOver, today: isOver ? here.day : told.today };
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const formatters = new Map();

/** @param {string} timeZone */
function formatter(timeZone) {
  const known = formatters.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  });
  formatters.set(timeZone, made);
  return made;
}

/** Made once for each language and zone: a wall writes its clock every second, for months. @type {Map<string, Intl.DateTimeFormat[]>} */
const wordFormatters = new Map();

/** @param {string} timeZone @param {boolean} zh */
function inWords(timeZone, zh) {
  const key = `${zh} ${timeZone}`;
  const known = wordFormatters.get(key);
  if (known) return known;
  const make = (/** @type {Intl.DateTimeFormatOptions} */ wanted) =>
    new Intl.DateTimeFormat(zh ? 'zh-CN' : 'en-GB', { timeZone, ...wanted });
  const made = [make({ month: 'long', day: 'numeric' }), make({ weekday: 'long' })];
  wordFormatters.set(key, made);
  return made;
}

/**
 * The day in words: `11月29日 星期日`, `Sunday, 29 November`.
 *
 * @param {number} ms
 * @param {string} timeZone
 * @param {string} lang
 */
export function dayInWords(ms, timeZone, lang) {
  const zh = lang === 'zh';
  const [day, weekday] = inWords(timeZone, zh).map((one) => one.format(ms));
  return zh ? `${day}\n${weekday}` : `${weekday}\n${day}`;
}
