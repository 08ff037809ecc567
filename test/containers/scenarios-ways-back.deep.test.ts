import { testInContainers } from './support/scenarios-in-containers.js';

await testInContainers('ways-back', 'ways-back.deep');
