import { LIBRARY } from '../support/library.js';
import { ELSEWHERE, QUICK_RUNS } from './quick-runs.js';
import { testShippedScenario } from './shipped-scenario.js';

for (const { scenario } of LIBRARY.filter((one) => !ELSEWHERE.has(one.scenario))) {
  const quick = QUICK_RUNS.get(scenario) ?? [];
  testShippedScenario(
    scenario,
    ['0.45.0', '0.45.1', '0.45.2'].filter((version) => !quick.includes(version)),
  );
}
