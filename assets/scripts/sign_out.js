/** The page that asks before signing out: what was drafted at the desk does not stay on a computer whose user leaves. */

const BEGINNINGS = ['desk-draft', 'desk-entry'];
const form = document.querySelector('[data-account]');

form?.addEventListener('submit', () => {
  const account = form.getAttribute('data-account') ?? '';
  for (const store of [localStorage, sessionStorage]) {
    const own = Object.keys(store).filter((key) => BEGINNINGS.some((one) => `${key} `.startsWith(`${one} ${account} `)));
    own.forEach((key) => store.removeItem(key));
  }
});
