import { testShippedScenario } from './shipped-scenario.js';
import { isLocal } from './support.js';

/** The classes of Strimzi that decide it are the same in the three versions; 0.45.0 leaves /migration behind. */
testShippedScenario('broker-volume-replaced-then-rolled-back', ['0.45.2']);
testShippedScenario('broker-volume-replaced-again-before-disabled', ['0.45.2']);
testShippedScenario('broker-volume-replaced-again-after-disabled', ['0.45.1']);
testShippedScenario('added-broker-volume-replaced-after-disabled', ['0.45.0']);
if (isLocal()) testShippedScenario('meta-properties-rewritten-after-disabled', ['0.45.2']);
