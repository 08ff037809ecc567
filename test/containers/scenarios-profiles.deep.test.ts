import { testInContainers } from './support/scenarios-in-containers.js';

await testInContainers('mutations.deep', 'added-version', 'added-version.deep', 'inspected');
