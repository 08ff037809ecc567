import { LIBRARY } from '../support/library.js';
import { QUICK_RUNS } from './quick-runs.js';
import { testShippedScenario } from './shipped-scenario.js';

for (const { scenario } of LIBRARY) {
  const operators = QUICK_RUNS.get(scenario);
  if (operators !== undefined) testShippedScenario(scenario, operators);
}
