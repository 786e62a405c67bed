/** The page of figures begins with it. */

import { figures } from './figures/page.js';
import { patience } from './page/patience.js';
import { presence } from './page/presence.js';

[patience, presence, figures].forEach((part) => part.start());
