import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { it } from '@jest/globals';
import { hasDocker, IN_CONTAINERS, OUR_IMAGE } from './support/in-docker.js';

/** The tests of the scenarios on this machine, word for word, with the nodes in containers. */
const MOST_IMPORTANT = ['rollback-remigrate.test.ts', 'volumes-kept.test.ts', 'three-of-each.test.ts'];

const folder = fileURLToPath(new URL('../scenarios/', import.meta.url));
const files = readdirSync(dirname(`${folder}x`)).filter((name) => name.endsWith('.test.ts'));
const chosen =
  process.env.REMIGRATE_CONTAINERS === 'all' ? files : files.filter((name) => MOST_IMPORTANT.includes(name));

process.env.REMIGRATE_SCENARIO_OPTIONS = IN_CONTAINERS.join(' ');
process.env.REMIGRATE_SCENARIO_IMAGE = OUR_IMAGE;
for (const file of chosen) {
  if (hasDocker) await import(`../scenarios/${file.replace(/\.ts$/, '.js')}`);
  else it.skip(`${file} in containers`, () => undefined);
}
