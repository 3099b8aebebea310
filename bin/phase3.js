#!/usr/bin/env node
'use strict';
// What a clean checkout lacks is installed and built first. That is said on stderr: stdout is the command's.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const start = () => require('../dist/src/cli/main.js');

const has = (path) => existsSync(join(root, path));
const isCheckout = has('scripts');

// Where it was installed as a package, the packages that it needs may be beside it.
if (has('dist/workflow-bundle.js') && (has('node_modules') || !isCheckout)) start();
else if (isCheckout)
  import('../scripts/ensure-installed.mjs').then(({ ensureInstalled }) => ensureInstalled()).then(start);
else {
  console.error(
    `phase3: ${root} holds no dist, and no scripts to build it with. Use a whole checkout, or rebuild the image.`,
  );
  process.exitCode = 1;
}
