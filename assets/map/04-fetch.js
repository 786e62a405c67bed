// JSON by address. An address holds the data's version, so an answer is kept until the page is left.
(function (gw) {
  'use strict';

  const answers = new Map();
  const MOST = 120;
  const FIRST_PAUSE_MS = 2000;
  const LONGEST_PAUSE_MS = 60000;
  const failures = new Map();
  let open = 0;

  gw.pending = () => open;

  // How long to wait after a failure, and longer after each further one: a server in trouble is not to be asked sixty times a second.
  gw.pauseAfter = (times) => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** times);

  // The answer, or null while it is on its way; `arrived` is called once it is there.
  gw.json = function (address, arrived) {
    const kept = answers.get(address);
    if (kept) {
      if (kept.open && arrived) kept.waiting.add(arrived);
      return kept.value;
    }
    const entry = { value: null, open: true, waiting: new Set(arrived ? [arrived] : []) };
    answers.set(address, entry);
    if (answers.size > MOST) answers.delete(answers.keys().next().value);
    open += 1;
    fetch(address, { headers: { Accept: 'application/json' } })
      .then((answer) => {
        if (!answer.ok) throw new Error(answer.status + ' ' + address);
        return answer.json();
      })
      .then((value) => {
        entry.value = value;
        failures.delete(address);
      })
      .catch((error) => {
        const times = failures.get(address) || 0;
        failures.set(address, times + 1);
        // Then forgotten, and whoever is shown now looks again.
        setTimeout(() => {
          answers.delete(address);
          if (arrived) arrived();
        }, gw.pauseAfter(times));
        gw.failed = String(error);
      })
      .finally(() => {
        open -= 1;
        entry.open = false;
        entry.waiting.forEach((call) => call());
        entry.waiting.clear();
      });
    return null;
  };
})(window.gridwell);
