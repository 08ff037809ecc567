import { testInContainers } from './support/scenarios-in-containers.js';

await testInContainers('kafka-versions.deep', 'kafka-timeouts.deep');
