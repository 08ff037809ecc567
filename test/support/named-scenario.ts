import { type Scenario, type ScenarioDefinition, scenario, step } from '../../src/scenario/scenario.js';

/** A valid scenario of one step that does nothing, with these fields. */
export function namedScenario(name: string, changes: Partial<ScenarioDefinition> = {}): Scenario {
  return scenario({
    name,
    title: 'A title',
    expected: { survives: 'It must.' },
    steps: [step('deploy', async () => undefined)],
    ...changes,
  });
}
