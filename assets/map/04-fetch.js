// JSON by address. An address holds the data's version, so an answer is kept until the page is left.
(function (gw) {
  'use strict';

  const answers = new Map();
  const MOST = 120;
  let open = 0;

  gw.pending = () => open;

  // The answer, or null while it is on its way; `arrived` is called once it is there.
  gw.json = function (address, arrived) {
    const kept = answers.get(address);
    if (kept) {
      if (kept.value === null && arrived) kept.waiting.add(arrived);
      return kept.value;
    }
    const entry = { value: null, waiting: new Set(arrived ? [arrived] : []) };
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
        // A failed answer is not kept: the next look asks again.
        answers.delete(address);
        gw.failed = String(error);
      })
      .finally(() => {
        open -= 1;
        entry.waiting.forEach((call) => call());
        entry.waiting.clear();
      });
    return null;
  };
})(window.gridwell);
