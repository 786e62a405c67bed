/** Choices that outlive a visit. */

const YEAR_S = 31536000;

/**
 * @param {string} name
 * @param {string} value
 */
export function remember(name, value) {
  document.cookie = `${name}=${encodeURIComponent(value)};path=/;max-age=${YEAR_S};samesite=lax`;
}

/**
 * @param {string} name
 * @param {string} [cookies]
 */
export function remembered(name, cookies = document.cookie) {
  return (cookies.match(new RegExp(`(?:^|; )${name}=([^;]*)`)) || [])[1];
}
