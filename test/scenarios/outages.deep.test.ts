import { testShippedScenario } from './shipped-scenario.js';

testShippedScenario('only-controller-on-ephemeral-storage', ['0.45.2'], { stateTimeoutMs: 45_000 });
testShippedScenario('migration-znode-without-data', ['0.45.2'], { stateTimeoutMs: 45_000 });
testShippedScenario('migration-znode-empty', ['0.45.2'], { stateTimeoutMs: 45_000 });
testShippedScenario('paused-in-dual-write', ['0.45.2']);
