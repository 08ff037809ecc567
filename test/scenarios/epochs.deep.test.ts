import { testShippedScenario } from './shipped-scenario.js';

testShippedScenario('quorum-epoch-above-zookeepers', ['0.45.2']);
testShippedScenario('quorum-epoch-raised-in-zookeeper', ['0.45.2']);
