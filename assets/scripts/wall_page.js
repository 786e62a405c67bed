/** The wall of a command centre begins with it. */

import { exposeSurface } from './page/surface.js';
import { current, wall } from './wall/wall.js';

wall.start();
exposeSurface({ wall: current() });
