/** The bar of the pages of reports: light or dark, the language, menus and the list of keys. */

import { repaintCharts } from '../figures/charts.js';
import { part } from '../lifecycle.js';
import { beginBar, closeMenusByKey } from '../page/desk_bar.js';
import { beginKeyList } from '../page/key_list.js';

export const bar = part((signal) => {
  beginBar(signal, repaintCharts);
  closeMenusByKey(signal);
  beginKeyList(signal, false);
});
