/** What holds for a tour as a whole: the schedule, cases that break in, brightness, pixel shift, who is told of silent screens. */

import { element } from '../../dom.js';
import { say } from '../../desk/facts.js';
import { box, button, choice, field, tick } from '../remote/parts.js';
import { brightnessText, readBrightness } from './draft.js';

/** @typedef {import('./draft.js').TourSettings} TourSettings */

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];

/**
 * @param {TourSettings} settings
 * @param {() => void} changed Something was written.
 * @param {() => void} redraw A row came or went.
 */
export function settingsForm(settings, changed, redraw) {
  return [
    box(
      'section',
      '',
      element('h2', '', say('schedule')),
      element('p', 'dim', say('schedule_hint')),
      ...schedule(settings, changed, redraw),
    ),
    box('section', '', element('h2', '', say('interrupts')), interrupts(settings, changed)),
    box('section', '', element('h2', '', say('screens_care')), care(settings, changed)),
  ];
}

/** @param {TourSettings} settings @param {() => void} changed @param {() => void} redraw */
function schedule(settings, changed, redraw) {
  const rows = settings.schedule.map((rule, no) => {
    const write = (/** @type {'playlist' | 'from' | 'until'} */ name, /** @type {string} */ type) => {
      const made = Object.assign(element('input'), { type, value: rule[name] === '24:00' ? '00:00' : rule[name], maxLength: 40 });
      made.addEventListener('input', () => {
        rule[name] = made.value;
        changed();
      });
      return field(say(name === 'until' ? 'end' : name), made);
    };
    const days = choice(/** @type {[string, string][]} */ (['all', 'working', 'off'].map((one) => [one, say(`days_${one}`)])), rule.days);
    days.addEventListener('change', () => {
      rule.days = days.value;
      changed();
    });
    const weekdays = WEEKDAYS.map((day) => {
      const one = tick(say(`weekday_${day}`), rule.weekdays.includes(day));
      one.input.addEventListener('change', () => {
        rule.weekdays = WEEKDAYS.filter((other) => other === day ? one.input.checked : rule.weekdays.includes(other));
        changed();
      });
      return one.label;
    });
    const remove = button(say('remove'), () => {
      settings.schedule.splice(no, 1);
      changed();
      redraw();
    });
    return box(
      'div',
      'walls-rule',
      write('playlist', 'text'),
      write('from', 'time'),
      write('until', 'time'),
      field(say('days'), days),
      box('fieldset', 'walls-weekdays', element('legend', '', say('weekdays')), ...weekdays),
      remove,
    );
  });
  const add = button(say('add_rule'), () => {
    settings.schedule.push({ playlist: 'day', from: '08:00', until: '09:00', days: 'all', weekdays: [] });
    changed();
    redraw();
  });
  return [...rows, box('div', 'walls-actions', add)];
}

/** @param {number} value @param {(value: number) => void} write */
function numberInput(value, write) {
  const made = Object.assign(element('input'), { type: 'number', value: String(value), step: 'any' });
  made.addEventListener('input', () => write(Number(made.value)));
  return made;
}

/** @param {TourSettings} settings @param {() => void} changed */
function interrupts({ interrupt }, changed) {
  const truth = (/** @type {'serious' | 'late_3'} */ name) => {
    const made = tick(say(`interrupt_${name}`), interrupt[name]);
    made.input.addEventListener('change', () => {
      interrupt[name] = made.input.checked;
      changed();
    });
    return made.label;
  };
  const number = (/** @type {'stays_s' | 'gap_s'} */ name) =>
    field(
      say(name),
      numberInput(interrupt[name], (value) => {
        interrupt[name] = value;
        changed();
      }),
    );
  return box('div', 'walls-form walls-scene-form', truth('serious'), truth('late_3'), number('stays_s'), number('gap_s'));
}

/** @param {TourSettings} settings @param {() => void} changed */
function care(settings, changed) {
  const brightness = Object.assign(element('input'), { type: 'text', value: brightnessText(settings.brightness) });
  brightness.addEventListener('input', () => {
    const read = readBrightness(brightness.value);
    brightness.setAttribute('aria-invalid', String(read === null));
    if (read) settings.brightness = read;
    changed();
  });
  const alarm = Object.assign(element('input'), { type: 'text', value: settings.alarm.join(' ') });
  alarm.addEventListener('input', () => {
    settings.alarm = alarm.value.split(/[\s,，]+/).filter(Boolean);
    changed();
  });
  const shift = (/** @type {'px' | 'every_s'} */ name) =>
    field(
      say(`shift_${name}`),
      numberInput(settings.pixel_shift[name], (value) => {
        settings.pixel_shift[name] = value;
        changed();
      }),
    );
  return box('div', 'walls-form', field(say('brightness'), brightness), shift('px'), shift('every_s'), field(say('alarm'), alarm));
}
