/** The page of screens of walls begins with it. */

import { patience } from './page/patience.js';
import { presence } from './page/presence.js';
import { screens } from './wall/screens/screens.js';

[patience, presence, screens].forEach((part) => part.start());
