/** The page of scenes of walls begins with it. */

import { patience } from './page/patience.js';
import { presence } from './page/presence.js';
import { scenes } from './wall/scenes/scenes.js';

[patience, presence, scenes].forEach((part) => part.start());
