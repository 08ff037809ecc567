import { testInContainers } from './support/scenarios-in-containers.js';

await testInContainers('epochs.deep', 'outages.deep');
