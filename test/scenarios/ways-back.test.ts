import { testShippedScenario } from './shipped-scenario.js';

/** A cluster that is broken though nothing is lost, as the real operator left it. The others are in the deep files. */
testShippedScenario('broker-added-then-rolled-back', ['0.45.2']);
