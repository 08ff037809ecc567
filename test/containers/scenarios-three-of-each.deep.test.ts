import { testInContainers } from './support/scenarios-in-containers.js';

await testInContainers('three-of-each.deep');
