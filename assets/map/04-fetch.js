// JSON by address. An address holds the data's version, so an answer is kept until the page is left.
(function (gw) {
  'use strict';

  const answers = new Map();
  const MOST = 120;
  const AGAIN_MS = 5000;
  let open = 0;

  gw.pending = () => open;

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
      })
      .catch((error) => {
        // Asked again by a later look, but not at once: a server in trouble is not to be asked sixty times a second.
        setTimeout(() => answers.delete(address), AGAIN_MS);
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
