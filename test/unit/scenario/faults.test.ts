import { describe, expect, it } from '@jest/globals';
import { refuseImpossibleFaults } from '../../../src/cluster/faults/index.js';
import { EnvironmentError, UsageError, WaitTimedOut } from '../../../src/errors.js';
import { type Scenario, type Step, scenario, step } from '../../../src/scenario/scenario.js';
import { FakeWorld } from './fake-world.js';

const BROKER = 'my-cluster-broker-0';
const SILENT = { pod: BROKER, detail: 'no answer to ApiVersions at 127.0.0.1:1 within 10 s' };

const deploy: Step = step('deploy', async ({ cluster, topics }) => {
  await cluster.deploy();
  await topics.create('before');
});

/** Waits for a state that is never reached. */
const waits: Step = step('waits', async ({ cluster }) => {
  await cluster.waitForState('KRaft');
});

function faulty(faults: Scenario['faults']): Scenario {
  return scenario({
    name: 'faulty',
    title: 'a title',
    expected: { survives: 'It must.' },
    ...(faults === undefined ? {} : { faults }),
    steps: [deploy],
  });
}

describe('a fault of a scenario', () => {
  it('is journalled before it is injected and before it is undone', async () => {
    const world = new FakeWorld();
    world.faults = ['freeze-node', 'kill-node'];
    const seen: unknown[] = [];
    world.onFault = (what) => {
      const { fault, action, pod } = world.journal.ofType('fault').at(-1) ?? {};
      seen.push([what, fault, action, pod]);
    };
    const injects = step('injects', async ({ faults }) => {
      await faults.inject('freeze-node', 'broker-0');
      await faults.undo('freeze-node', 'broker-0');
      await faults.inject('kill-node', 'controller-1');
    });
    await expect(world.run([deploy, injects])).resolves.toMatchObject({ verdict: 'survived' });
    expect(seen).toEqual([
      [`freeze ${BROKER}`, 'freeze-node', 'inject', BROKER],
      [`thaw ${BROKER}`, 'freeze-node', 'undo', BROKER],
      ['kill my-cluster-controller-1', 'kill-node', 'inject', 'my-cluster-controller-1'],
    ]);
    // What was undone, and what is over when it has happened, is not undone at the end.
    expect(world.journal.ofType('fault')).toHaveLength(3);
  });

  it('may concern the operator, and then no node', async () => {
    const world = new FakeWorld();
    world.faults = ['kill-operator', 'kill-node'];
    const injects = step('injects', async ({ faults }) => faults.inject('kill-operator', 'operator'));
    await expect(world.run([deploy, injects])).resolves.toMatchObject({ verdict: 'survived' });
    expect(world.calls).toContain('kill the operator');
    expect(world.journal.ofType('fault')).toEqual([
      { t: expect.any(Number), type: 'fault', fault: 'kill-operator', action: 'inject' },
    ]);
    const onNode = step('injects', async ({ faults }) => faults.inject('kill-operator', 'broker-0'));
    await expect(world.run([deploy, onNode])).rejects.toThrow(
      "kill-operator concerns the operator: inject it with 'operator'",
    );
    const onOperator = step('injects', async ({ faults }) => faults.inject('kill-node', 'operator'));
    await expect(world.run([deploy, onOperator])).rejects.toThrow(
      "kill-node concerns a node: inject it with 'broker-0'",
    );
  });

  it('that still lasts is undone at the end of the run, before its cluster is closed, also if a step fails', async () => {
    const world = new FakeWorld();
    world.faults = ['freeze-node'];
    const injects = step('injects', async ({ faults }) => {
      await faults.inject('freeze-node', 'broker-0');
      await faults.inject('freeze-node', 'zookeeper-0');
      throw new Error('it ends here');
    });
    await expect(world.run([deploy, injects])).resolves.toMatchObject({ verdict: 'inconclusive' });
    const thawed = world.calls.filter((call) => call.startsWith('thaw'));
    expect(thawed).toEqual([`thaw ${BROKER}`, 'thaw my-cluster-zookeeper-0']);
    expect(world.calls.indexOf(`thaw ${BROKER}`)).toBeLessThan(
      world.calls.findIndex((call) => call.startsWith('cluster closed')),
    );
  });

  it('may be injected again on a node that was started since', async () => {
    const world = new FakeWorld();
    world.faults = ['freeze-node'];
    const injects = step('injects', async ({ faults }) => {
      await faults.inject('freeze-node', 'broker-0');
      world.write({ type: 'container-restarted', pod: BROKER, how: 'SIGKILL', backOff: 0 });
      await faults.inject('freeze-node', 'broker-0');
    });
    await expect(world.run([deploy, injects])).resolves.toMatchObject({ verdict: 'survived' });
    expect(world.calls.filter((call) => call.startsWith('thaw'))).toEqual([`thaw ${BROKER}`]);
  });

  it.each<[string, Step['run'], RegExp]>([
    [
      'that is not declared',
      ({ faults }) => faults.inject('kill-node', 'broker-0'),
      /scenario five-steps injects kill-node without declaring it\. Add it to the scenario: faults: \['kill-node'\]/,
    ],
    [
      'that does not exist',
      // @ts-expect-error A scenario in JavaScript is not type-checked.
      ({ faults }) => faults.inject('freeze', 'broker-0'),
      /there is no fault "freeze"\. Did you mean freeze-node\? The faults are kill-node, freeze-node, kill-operator\./,
    ],
    [
      'on a node that the cluster does not have',
      ({ faults }) => faults.inject('freeze-node', 'broker-1'),
      /there is no node "broker-1"\. The nodes are zookeeper-0, broker-0, controller-1\./,
    ],
    [
      'twice',
      async ({ faults }) => {
        await faults.inject('freeze-node', 'broker-0');
        await faults.inject('freeze-node', 'broker-0');
      },
      /freeze-node lasts on broker-0 already\. Undo it first/,
    ],
    [
      'that was not injected, and is undone',
      ({ faults }) => faults.undo('freeze-node', 'broker-0'),
      /freeze-node is undone on broker-0, where it was not injected/,
    ],
  ])('%s is a usage error', async (_what, run, message) => {
    const world = new FakeWorld();
    world.faults = ['freeze-node'];
    const failure: unknown = await world.run([step('injects', run)]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect(failure).toMatchObject({ message: expect.stringMatching(message) });
    expect(world.calls.some((call) => call.startsWith('cluster closed'))).toBe(true);
  });

  it('that is over when it has happened cannot be undone', async () => {
    const world = new FakeWorld();
    world.faults = ['kill-node'];
    const undoes = step('undoes', ({ faults }) => faults.undo('kill-node', 'broker-0'));
    await expect(world.run([undoes])).rejects.toThrow('kill-node cannot be undone');
  });

  it('that the environment cannot inject is refused before anything is created', async () => {
    const world = new FakeWorld();
    const created: string[] = [];
    world.onCreate = () => created.push('a cluster');
    Object.assign(world.parts, { environment: 'kubernetes' });
    await expect(world.run([deploy], { scenario: faulty(['freeze-node']) })).rejects.toThrow(UsageError);
    expect(created).toEqual([]);
    expect(world.journal.events()).toEqual([]);
  });

  it('is refused with the reason, and where it can be injected', () => {
    expect(() => refuseImpossibleFaults(faulty(['kill-node', 'freeze-node']), 'kubernetes')).toThrow(
      /^scenario faulty injects the fault freeze-node, which the environment kubernetes cannot: the kubelet's .*\. Use --env local or --env containers\.$/,
    );
    for (const environment of ['local', 'containers', 'kubernetes']) {
      refuseImpossibleFaults(faulty(['kill-node']), environment);
      refuseImpossibleFaults(faulty(undefined), environment);
    }
  });

  it('that does not exist is refused when the scenario is made', () => {
    // @ts-expect-error A scenario in JavaScript is not type-checked.
    expect(() => faulty(['kil-node'])).toThrow(
      'scenario faulty: there is no fault "kil-node". Did you mean kill-node?',
    );
  });
});

describe('a wait that times out', () => {
  it('while a node does not respond is inconclusive, names it, and is not judged as timed out', async () => {
    const world = new FakeWorld();
    world.stateTimeoutMs = 1;
    world.onAsk = () => [SILENT];
    const { verdict, judgement } = await world.run([deploy, waits]);
    expect(verdict).toBe('inconclusive');
    expect(judgement.summary).toBe(
      `step "waits": ${BROKER} does not respond (${SILENT.detail}): something outside of the cluster has stopped it, or the machine is overloaded; timed out after 0.001 s waiting for the state KRaft`,
    );
    expect(world.journal.ofType('node-unresponsive')).toEqual([expect.objectContaining(SILENT)]);
    expect(world.calls).toContain('observe waits: aborted');
    expect(world.calls).not.toContain('observe waits: timed-out');
  });

  it('while every node responds is judged as before', async () => {
    const world = new FakeWorld();
    world.stateTimeoutMs = 1;
    await expect(world.run([deploy, waits])).resolves.toMatchObject({ verdict: 'inconclusive' });
    expect(world.calls).toContain('nodes asked');
    expect(world.calls).toContain('observe waits: timed-out');
    expect(world.steps().at(-1)).toBe('waits: failed, timed out after 0.001 s waiting for the state KRaft');
  });

  it('while the scenario’s own fault has frozen the node is judged, and the node is journalled', async () => {
    const world = new FakeWorld();
    world.stateTimeoutMs = 1;
    world.faults = ['freeze-node'];
    world.onAsk = () => [SILENT];
    const freezes = step('freezes', async ({ cluster, faults }) => {
      await faults.inject('freeze-node', 'broker-0');
      await cluster.waitForState('KRaft');
    });
    await world.run([deploy, freezes]);
    expect(world.calls).toContain('observe freezes: timed-out');
    expect(world.journal.ofType('node-unresponsive')).toHaveLength(1);
    expect(world.steps().at(-1)).toBe('freezes: failed, timed out after 0.001 s waiting for the state KRaft');
  });

  it('after the scenario has thawed the node is inconclusive if it still does not respond', async () => {
    const world = new FakeWorld();
    world.stateTimeoutMs = 1;
    world.faults = ['freeze-node'];
    world.onAsk = () => [SILENT];
    const thaws = step('thaws', async ({ cluster, faults }) => {
      await faults.inject('freeze-node', 'broker-0');
      await faults.undo('freeze-node', 'broker-0');
      await cluster.waitForState('KRaft');
    });
    const { judgement } = await world.run([deploy, thaws]);
    expect(judgement.summary).toContain(`${BROKER} does not respond`);
  });

  it('and a loss that was seen all the same is a loss', async () => {
    const world = new FakeWorld();
    world.onAsk = () => [SILENT];
    const loses = step('loses', async () => {
      world.held.delete('orders');
      throw new WaitTimedOut('timed out');
    });
    await expect(world.run([deploy, loses])).resolves.toMatchObject({ verdict: 'lost' });
  });

  it('in the operator, for a node to become ready, or in an observation names the node, too', async () => {
    const late = new WaitTimedOut(`timed out after 8 s waiting for ${BROKER} to become ready`);
    const operator = new FakeWorld();
    operator.onAsk = () => [SILENT];
    await operator.run([deploy, step('late', async () => operator.options.failed(late))]);
    const observation = new FakeWorld();
    observation.onAsk = () => [SILENT];
    observation.onObserve = () => {
      throw new EnvironmentError('no topics could be read', { cause: late });
    };
    await observation.run([deploy]);
    for (const { steps } of [operator, observation].map((world) => ({ steps: world.steps() }))) {
      expect(steps.at(-1)).toContain(`failed, ${BROKER} does not respond`);
    }
  });

  it('is reported with the reason why the nodes could not be asked', async () => {
    const world = new FakeWorld();
    world.stateTimeoutMs = 1;
    world.onAsk = () => {
      throw new EnvironmentError('Docker is gone');
    };
    const { judgement } = await world.run([deploy, waits]);
    expect(judgement.summary).toContain('waiting for the state KRaft. The nodes cannot be asked why: Docker is gone');
  });

  it('because a node died does not ask the others', async () => {
    const world = new FakeWorld();
    await world.run([deploy, step('dies', async () => world.options.failed(new EnvironmentError('it exited')))]);
    expect(world.calls).not.toContain('nodes asked');
  });
});
