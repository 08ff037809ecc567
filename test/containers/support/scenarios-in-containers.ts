import { it } from '@jest/globals';
import { hasDocker, IN_CONTAINERS, OUR_IMAGE } from './in-docker.js';

/** Registers the unchanged tests of scenarios in test/scenarios, with the nodes in containers. */
export async function testInContainers(...files: readonly string[]): Promise<void> {
  process.env.REMIGRATE_SCENARIO_OPTIONS = IN_CONTAINERS.join(' ');
  process.env.REMIGRATE_SCENARIO_IMAGE = OUR_IMAGE;
  for (const file of files) {
    if (hasDocker) await import(`../../scenarios/${file}.test.js`);
    else it.skip(`${file} in containers`, () => undefined);
  }
}
