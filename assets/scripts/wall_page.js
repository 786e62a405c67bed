/** The wall of a command centre begins with it. */

import { exposeSurface } from './page/surface.js';
import { wall } from './wall/wall.js';

exposeSurface();
wall.start();
