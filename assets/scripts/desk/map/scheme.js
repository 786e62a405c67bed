/** The map reads from the page whether it is dark; at the desk that is what was chosen, or what the system says. */

const SCHEME = 'data-mantine-color-scheme';

/**
 * Keep the map's colours the page's.
 *
 * @param {AbortSignal} signal
 */
export function followTheme(signal) {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const follow = () => {
    const { theme } = root.dataset;
    root.setAttribute(SCHEME, theme === 'dark' || (theme !== 'light' && dark.matches) ? 'dark' : 'light');
  };
  dark.addEventListener('change', follow, { signal });
  const observer = new MutationObserver(follow);
  observer.observe(root, { attributes: true, attributeFilter: ['data-theme'] });
  signal.addEventListener('abort', () => observer.disconnect(), { once: true });
  follow();
}
