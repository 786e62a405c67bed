/** Moments and spans of time in words. Nothing here touches the page. */

const MINUTE = 60000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** With more of its time used than this share, a case is due soon. */
export const AMBER_SHARE = 0.75;

/**
 * A span in at most two units: `4 d`, `2 h 20 min`, `40 min`; less than a minute is none.
 *
 * @param {number} ms
 * @param {Say} say
 */
export function spanText(ms, say) {
  const whole = Math.abs(ms);
  if (whole >= 2 * DAY) return say('days', { n: Math.floor(whole / DAY) });
  if (whole >= DAY) {
    const hours = Math.floor((whole % DAY) / HOUR);
    return hours ? `${say('one_day')} ${say('hours', { n: hours })}` : say('one_day');
  }
  if (whole >= HOUR) {
    const minutes = Math.floor((whole % HOUR) / MINUTE);
    const hours = say('hours', { n: Math.floor(whole / HOUR) });
    return minutes && whole < 4 * HOUR ? `${hours} ${say('minutes', { n: minutes })}` : hours;
  }
  return say('minutes', { n: Math.floor(whole / MINUTE) });
}

/**
 * How long ago something was, in one unit.
 *
 * @param {number} ms
 * @param {Say} say
 */
export function agoText(ms, say) {
  if (ms < MINUTE) return say('just_now');
  if (ms < HOUR) return say('minutes_ago', { n: Math.floor(ms / MINUTE) });
  if (ms < DAY) return say('hours_ago', { n: Math.floor(ms / HOUR) });
  return say('days_ago', { n: Math.floor(ms / DAY) });
}

/**
 * The state of a case's deadline in words, and which share of its time is used.
 *
 * @param {DeskCase} row
 * @param {number} now
 * @param {Say} say
 */
export function deadline(row, now, say) {
  const due = row.due_at ? Date.parse(row.due_at) : null;
  if (row.state === 'closed' || row.state === 'ended') return { text: say(`state_${row.state}`), share: null };
  if (row.state === 'paused') return { text: say('state_paused'), share: null };
  if (due === null) return { text: say('no_deadline'), share: null };
  const left = due - now;
  const text = row.state === 'overdue' || left < 0
    ? say('over', { span: spanText(left, say) })
    : say('left', { span: spanText(left, say) });
  const begun = Date.parse(row.reported_at);
  const share = row.state === 'overdue' ? 1 : Math.min(1, Math.max(0, (now - begun) / Math.max(1, due - begun)));
  return { text, share };
}

/**
 * Writes moments by the clock of a city: `11-21 08:48`, and with the year where that is another one.
 *
 * @param {string} timeZone
 * @param {string} lang
 */
export function clockOf(timeZone, lang) {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  });
  /** @param {number} ms */
  const read = (ms) => Object.fromEntries(parts.formatToParts(ms).map(({ type, value }) => [type, value]));
  const month = new Intl.DateTimeFormat('en-GB', { timeZone, month: 'short' });
  /** @param {number} ms @param {Record<string, string>} at */
  const dayOf = (ms, at) => lang === 'en' ? `${Number(at.day)} ${month.format(ms)}` : `${at.month}-${at.day}`;
  return {
    /** @param {string | number} moment @param {number} now */
    moment(moment, now) {
      const ms = typeof moment === 'number' ? moment : Date.parse(moment);
      const at = read(ms);
      const day = dayOf(ms, at);
      const year = at.year === read(now).year ? '' : lang === 'en' ? ` ${at.year}` : `${at.year}-`;
      return lang === 'en' ? `${day}${year} ${at.hour}:${at.minute}` : `${year}${day} ${at.hour}:${at.minute}`;
    },
    /** @param {number} ms */
    time(ms) {
      const at = read(ms);
      return `${at.hour}:${at.minute}:${at.second}`;
    },
    /**
     * The moment that a field without zone (`2026-12-01T17:00`) means in the city, with its zone.
     *
     * @param {string} text
     */
    zoned(text) {
      const written = Date.parse(`${text}:00Z`);
      /** How far the city's clock is ahead of UTC at a moment, in milliseconds. @param {number} ms */
      const ahead = (ms) => {
        const at = read(ms);
        return Date.parse(`${at.year}-${at.month}-${at.day}T${at.hour}:${at.minute}:${at.second}Z`) - ms;
      };
      // The offset of the moment itself, not of the one that these digits mean in UTC: clocks may have been changed between the two.
      const offset = Math.round(ahead(written - ahead(written)) / MINUTE);
      const size = Math.abs(offset);
      const zone = `${offset < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
      return `${text}:00${zone}`;
    },
  };
}

/**
 * The day in a city: `2026-11-30`. In the morning it is a day on from what is written in UTC.
 *
 * @param {string} timeZone
 * @param {number} [now]
 */
export function dayIn(timeZone, now = Date.now()) {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(now);
  const { year, month, day } = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return `${year}-${month}-${day}`;
}
