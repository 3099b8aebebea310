#!/usr/bin/env node
'use strict';
// What a clean checkout lacks is installed and built first. That is said on stderr: stdout is the command's.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const start = () => require('../dist/src/cli/main.js');

if (['node_modules', 'dist/workflow-bundle.js'].every((path) => existsSync(join(root, path)))) start();
else if (existsSync(join(root, 'scripts')))
  import('../scripts/ensure-installed.mjs').then(({ ensureInstalled }) => ensureInstalled()).then(start);
else {
  console.error(
    `phase3: ${root} holds no dist, and no scripts to build it with. Use a whole checkout, or rebuild the image.`,
  );
  process.exitCode = 1;
}
