/**
 * npm's `prepare`, after `npm ci` and `npm install`: builds what is missing or older than its source. `npx phase3` runs it as
 * well, without showing a word of it and without the packages being there; then `bin/phase3.js` builds, and says so.
 */
import { ensureBuilt } from './ensure-installed.mjs';

if (process.env['npm_command'] !== 'exec') await ensureBuilt();
