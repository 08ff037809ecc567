import { describe, expect, it } from '@jest/globals';
import { WaitTimedOut } from '../../../src/errors.js';
import { Journal } from '../../../src/journal/journal.js';
import type { PassAction, PassPlan, SetState } from '../../../src/operator/actions.js';
import { executeDeletion, executePass, PassFailed } from '../../../src/operator/executor.js';
import { FakeTarget } from './fake-target.js';

const END: SetState = { type: 'set-state', to: 'KRaftDualWriting', warnings: [] };

/** That of the pass. The nodes of FakeTarget have another one. */
const NEW_IMAGE = 'strimzi/kafka:0.45.2-kafka-3.9.0';

function plan(actions: readonly PassAction[], end: PassPlan['end'] = END): PassPlan {
  return {
    state: 'KRaftMigration',
    annotation: 'migration',
    configurationState: 'MIGRATION',
    image: NEW_IMAGE,
    actions: [...actions, end],
    end,
  };
}

function execute(
  target: FakeTarget,
  actions: readonly PassAction[],
  end?: PassPlan['end'],
  signal = new AbortController().signal,
) {
  const journal = new Journal();
  return {
    journal,
    reached: executePass(plan(actions, end), target, journal, signal),
  };
}

/** The failure of a pass, which must be a PassFailed. */
async function failureOf(pass: Promise<unknown>): Promise<PassFailed> {
  const error: unknown = await pass.then(
    () => 'the pass did not fail',
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(PassFailed);
  return error as PassFailed;
}

const ROLL: PassAction = {
  type: 'roll',
  role: 'broker',
  nodeIds: [0, 1, 2],
  configurationState: 'MIGRATION',
  reason: 'Pod has old revision',
};

describe('a pass', () => {
  it('carries out one action after another and ends in the state of its plan', async () => {
    const target = new FakeTarget();
    const { reached } = execute(target, [
      { type: 'create-zookeeper', nodeIds: [0] },
      { type: 'create-nodes', role: 'broker', nodeIds: [0], configurationState: 'ZK' },
      { type: 'update-dynamically', nodeIds: [0], onRefused: 'restart' },
    ]);
    await expect(reached).resolves.toBe('KRaftDualWriting');
    expect(target.calls).toEqual([
      'create zookeeper 0 null',
      'ready zookeeper 0',
      'create broker 0 ZK',
      'ready broker 0',
      'update broker 0',
    ]);
  });

  it('creates the nodes of one role together, and only then waits for them', async () => {
    const target = new FakeTarget();
    await execute(target, [
      { type: 'create-nodes', role: 'controller', nodeIds: [3, 4, 5], configurationState: 'PRE_MIGRATION' },
    ]).reached;
    // Three controllers would never become ready if the first were awaited before the second starts.
    expect(target.calls).toEqual([
      'create controller 3 PRE_MIGRATION',
      'create controller 4 PRE_MIGRATION',
      'create controller 5 PRE_MIGRATION',
      'ready controller 3',
      'ready controller 4',
      'ready controller 5',
    ]);
  });

  it('that is planned to fail carries out the actions before, and fails with the reason', async () => {
    const target = new FakeTarget().has('broker', 'ZK', 0);
    const { reached } = execute(target, [{ type: 'update-dynamically', nodeIds: [0], onRefused: 'restart' }], {
      type: 'fail',
      reason: 'InvalidResourceException',
      message: 'no controllers',
    });
    const failure = await failureOf(reached);
    expect(failure).toMatchObject({ reason: 'InvalidResourceException', message: 'no controllers' });
    expect(target.calls).toEqual(['update broker 0']);
  });

  it('stops before the next action when the run ends', async () => {
    const target = new FakeTarget().has('broker', 'ZK', 0, 1, 2);
    const run = new AbortController();
    target.before = (call) => {
      if (call === 'update broker 0') run.abort(new Error('the run is over'));
    };
    const { reached } = execute(
      target,
      [{ type: 'update-dynamically', nodeIds: [0], onRefused: 'restart' }, ROLL],
      END,
      run.signal,
    );
    await expect(reached).rejects.toThrow('the run is over');
    expect(target.calls).toEqual(['update broker 0']);
  });

  it('passes on what the target throws, which is not a failed pass', async () => {
    const target = new FakeTarget().has('broker', 'ZK', 0, 1, 2);
    target.before = () => {
      throw new Error('the node did not start');
    };
    const error = await execute(target, [ROLL]).reached.catch((caught: unknown) => caught);
    expect(error).not.toBeInstanceOf(PassFailed);
    expect(error).toMatchObject({ message: 'the node did not start' });
  });

  it('without an end throws an error', async () => {
    const endless = { ...plan([]), actions: [] };
    await expect(executePass(endless, new FakeTarget(), new Journal(), new AbortController().signal)).rejects.toThrow(
      'a plan without an end',
    );
  });
});

describe('rolling ZooKeeper', () => {
  const roll: PassAction = { type: 'roll-zookeeper', nodeIds: [0, 1, 2], reason: 'Pod has old revision' };
  const rolled = async (target: FakeTarget) => {
    const { reached, journal } = execute(target.has('zookeeper', null, 0, 1, 2), [roll]);
    await reached;
    return { calls: target.calls, log: journal.ofType('operator-log').map(({ logger, text }) => `${logger}: ${text}`) };
  };

  it('restarts one node after another in the image of the pass, the leader last, and logs each', async () => {
    const target = new FakeTarget();
    target.leaderId = 0;
    expect(await rolled(target)).toEqual({
      calls: [
        'restart zookeeper 1 null, rolled',
        'restart zookeeper 2 null, rolled',
        'restart zookeeper 0 null, rolled',
      ],
      log: [
        'ZooKeeperRoller: Rolling zookeeper 1 due to [Pod has old revision]',
        'ZooKeeperRoller: Rolling zookeeper 2 due to [Pod has old revision]',
        'ZooKeeperRoller: Rolling zookeeper 0 due to [Pod has old revision]',
      ],
    });
    expect(target.nodes().map(({ image }) => image)).toEqual([NEW_IMAGE, NEW_IMAGE, NEW_IMAGE]);
  });

  it('restarts an unready node first, in their order if no leader is known, and only those of the plan', async () => {
    const target = new FakeTarget().has('zookeeper', null, 3);
    const { reached } = execute(target.has('zookeeper', null, 0, 1, 2).unready('zookeeper', 2), [roll]);
    await reached;
    expect(target.calls.map((call) => call.split(' ')[2])).toEqual(['2', '0', '1']);
  });
});

describe('rolling', () => {
  it('restarts one node after another, with the configuration of the pass, and logs each', async () => {
    const target = new FakeTarget().has('broker', 'ZK', 0, 1, 2);
    const { reached, journal } = execute(target, [ROLL]);
    await reached;
    expect(target.calls).toEqual([
      'restart broker 0 MIGRATION, rolled',
      'restart broker 1 MIGRATION, rolled',
      'restart broker 2 MIGRATION, rolled',
    ]);
    expect(journal.ofType('operator-log').map(({ text }) => text)).toEqual([
      'Rolling broker 0 due to [Pod has old revision]',
      'Rolling broker 1 due to [Pod has old revision]',
      'Rolling broker 2 due to [Pod has old revision]',
    ]);
  });

  it('never has two nodes down at once', async () => {
    const target = new FakeTarget().has('broker', 'ZK', 0, 1, 2);
    let down = 0;
    let most = 0;
    target.before = async () => {
      most = Math.max(most, ++down);
      await new Promise((resolve) => setImmediate(resolve));
      down -= 1;
    };
    await execute(target, [ROLL]).reached;
    expect(most).toBe(1);
  });

  it('restarts the reported controller last', async () => {
    const target = new FakeTarget().has('broker', 'ZK', 0, 1, 2);
    target.controllerId = () => 0;
    await execute(target, [ROLL]).reached;
    expect(target.calls.map((call) => call.slice(0, 16))).toEqual([
      'restart broker 1',
      'restart broker 2',
      'restart broker 0',
    ]);
  });

  it('determines the order again for each node, because the controller may have changed', async () => {
    const target = new FakeTarget().has('broker', 'ZK', 0, 1, 2);
    // Broker 0 stops being the controller when broker 1 is restarted, and broker 2 becomes the controller.
    target.controllerId = () => (target.calls.length === 0 ? 0 : 2);
    await execute(target, [ROLL]).reached;
    expect(target.calls.map((call) => call.slice(0, 16))).toEqual([
      'restart broker 1',
      'restart broker 0',
      'restart broker 2',
    ]);
  });

  it('restarts unready nodes first', async () => {
    const target = new FakeTarget().has('broker', 'ZK', 0, 1, 2).unready('broker', 2);
    await execute(target, [ROLL]).reached;
    expect(target.calls[0]).toBe('restart broker 2 MIGRATION, rolled');
  });

  it('considers only nodes of its own role: nodes of another role may have the same ids', async () => {
    const target = new FakeTarget()
      .has('broker', 'ZK', 0, 1, 2)
      .has('zookeeper', null, 0, 1, 2)
      .unready('zookeeper', 1);
    await execute(target, [ROLL]).reached;
    expect(target.calls[0]).toBe('restart broker 0 MIGRATION, rolled');
  });
});

describe('deleting znodes', () => {
  const controller: PassAction = { type: 'delete-znode', path: '/controller', onAbsent: 'continues' };
  const migration: PassAction = { type: 'delete-znode', path: '/migration', onAbsent: 'continues' };

  it('reports each, and after the last one waits for a broker to become the controller', async () => {
    const target = new FakeTarget().has('broker', 'MIGRATION', 0, 1, 2);
    target.znodes.add('/controller').add('/migration');
    const { reached, journal } = execute(target, [controller, migration, ROLL]);
    await reached;
    expect(target.calls.slice(0, 4)).toEqual([
      'delete /controller',
      'delete /migration',
      'wait for a ZooKeeper controller',
      'restart broker 0 MIGRATION, rolled',
    ]);
    expect(journal.ofType('operator-deleted-znode')).toEqual([
      expect.objectContaining({ path: '/controller', outcome: 'deleted' }),
      expect.objectContaining({ path: '/migration', outcome: 'deleted' }),
    ]);
  });

  it('does not wait for a controller if it did not delete /controller', async () => {
    const target = new FakeTarget();
    target.znodes.add('/migration');
    await execute(target, [migration]).reached;
    expect(target.calls).toEqual(['delete /migration']);
  });

  it('ignores an absent znode if the version does', async () => {
    const target = new FakeTarget();
    const { reached, journal } = execute(target, [controller, migration]);
    await expect(reached).resolves.toBe('KRaftDualWriting');
    expect(journal.ofType('operator-deleted-znode').map(({ outcome }) => outcome)).toEqual(['absent', 'absent']);
  });

  it('fails the pass at an absent znode if the version does, and stops there', async () => {
    const target = new FakeTarget().has('broker', 'MIGRATION', 0, 1, 2);
    const { reached, journal } = execute(target, [{ ...controller, onAbsent: 'fails' }, migration, ROLL]);
    const failure = await failureOf(reached);
    expect(failure).toMatchObject({ reason: 'KeeperException' });
    expect(failure.message).toContain('/controller');
    expect(target.calls).toEqual(['delete /controller']);
    expect(journal.ofType('operator-deleted-znode')).toEqual([
      expect.objectContaining({ path: '/controller', outcome: 'absent' }),
    ]);
  });
});

describe('updating brokers dynamically', () => {
  const update: PassAction = { type: 'update-dynamically', nodeIds: [0, 1], onRefused: 'restart' };
  const refused = 'STALE_CONTROLLER_EPOCH: there is a KRaft controller';

  it('restarts a broker that refuses, with the configuration of the pass, and continues with the next', async () => {
    const target = new FakeTarget().has('broker', 'MIGRATION', 0, 1);
    target.refusal = (nodeId) => (nodeId === 0 ? refused : undefined);
    const { reached, journal } = execute(target, [update]);
    await expect(reached).resolves.toBe('KRaftDualWriting');
    expect(target.calls).toEqual(['update broker 0', 'restart broker 0 MIGRATION, forced', 'update broker 1']);
    expect(journal.ofType('operator-log').map(({ level, text }) => `${level} ${text}`)).toEqual([
      `ERROR Error updating broker configuration for broker 0: ${refused}`,
      'INFO Rolling broker 0 due to []',
    ]);
  });

  it('fails the pass if the version does not restart the broker', async () => {
    const target = new FakeTarget().has('broker', 'MIGRATION', 0, 1);
    target.refusal = () => refused;
    const failure = await failureOf(execute(target, [{ ...update, onRefused: 'fails' }]).reached);
    expect(failure.reason).toBe('ForceableProblem');
    expect(target.calls).toEqual(['update broker 0']);
  });
});

describe('reading the migration state', () => {
  const read: PassAction = {
    type: 'read-migration-state',
    controllerIds: [1, 2],
    onNoAnswer: { type: 'fail', reason: 'Throwable', message: 'Failed to check ZooKeeper migration state' },
  };
  const end: SetState = { ...END, onlyIf: 'MIGRATION' };

  it('changes the state only if the migration is done', async () => {
    const target = new FakeTarget();
    await expect(execute(target, [read], end).reached).resolves.toBe('KRaftDualWriting');
    target.zkMigrationState = 'PRE_MIGRATION';
    await expect(execute(target, [read], end).reached).resolves.toBe('KRaftMigration');
    expect(target.calls).toEqual(['read migration state of 1,2', 'read migration state of 1,2']);
  });

  it('does not reuse a value in a pass that did not read it', async () => {
    await expect(execute(new FakeTarget(), [], end).reached).resolves.toBe('KRaftMigration');
  });

  it('fails the pass when no controller answers, even if nothing depends on it', async () => {
    const target = new FakeTarget();
    target.zkMigrationState = undefined;
    const failure = await failureOf(execute(target, [read], END).reached);
    expect(failure).toMatchObject({ reason: 'Throwable', message: 'Failed to check ZooKeeper migration state' });
  });
});

describe('deletions', () => {
  it('erase ZooKeeper with its volumes', async () => {
    const target = new FakeTarget().has('zookeeper', null, 0, 1);
    await execute(target, [{ type: 'erase-zookeeper', nodeIds: [0, 1] }]).reached;
    expect(target.nodes()).toEqual([]);
    for (const id of [0, 1]) {
      const removed = target.calls.indexOf(`remove zookeeper ${id}`);
      expect(removed).toBeGreaterThanOrEqual(0);
      // A volume cannot be deleted while its node is running.
      expect(target.calls.indexOf(`wipe zookeeper ${id}, wiped`)).toBeGreaterThan(removed);
    }
  });

  it('remove controllers and leave their volumes to a separate action', async () => {
    const target = new FakeTarget().has('controller', 'MIGRATION', 1, 2);
    await execute(target, [{ type: 'delete-controllers', nodeIds: [1, 2] }]).reached;
    expect(target.calls).toEqual(['remove controller 1', 'remove controller 2']);
    await executeDeletion({ type: 'delete-volumes', nodeIds: [1, 2], data: 'kept' }, target);
    expect(target.calls.slice(2)).toEqual(['wipe controller 1, kept', 'wipe controller 2, kept']);
  });
});

describe('nodes that exist and are not ready', () => {
  const awaiting: PassAction = { type: 'await-nodes', role: 'broker', nodeIds: [0, 1] };

  it('are waited for before the next action', async () => {
    const target = new FakeTarget().has('broker', 'MIGRATION', 0, 1, 2);
    await execute(target, [awaiting, { ...ROLL, nodeIds: [2] }]).reached;
    expect(target.calls).toEqual(['ready broker 0', 'ready broker 1', 'restart broker 2 MIGRATION, rolled']);
  });

  it('fail the pass if they do not become ready; anything else is passed on', async () => {
    const target = new FakeTarget().has('broker', 'MIGRATION', 0, 1, 2);
    target.before = () => {
      throw new WaitTimedOut('timed out');
    };
    expect((await failureOf(execute(target, [awaiting, ROLL]).reached)).message).toContain('non-restarted broker 0');
    target.before = () => {
      throw new Error('a bug');
    };
    await expect(execute(target, [awaiting]).reached).rejects.toThrow('a bug');
    expect(target.calls).toEqual([]);
  });
});

describe('a pass that is abandoned', () => {
  /** Abandons the pass during a call. */
  function abandonedIn(call: string, actions: readonly PassAction[]) {
    const target = new FakeTarget().has('broker', 'MIGRATION', 0, 1, 2).has('zookeeper', null, 0, 1);
    const life = new AbortController();
    target.before = (made) => {
      if (made === call) life.abort(new Error('abandoned'));
    };
    return { target, ...execute(target, actions, END, life.signal) };
  }

  it.each<[string, string, readonly PassAction[]]>([
    ['two restarts of a roll', 'restart broker 0 MIGRATION, rolled', [ROLL]],
    [
      'two restarts of ZooKeeper nodes',
      'restart zookeeper 0 null, rolled',
      [{ type: 'roll-zookeeper', nodeIds: [0, 1], reason: 'Pod has old revision' }],
    ],
    ['two dynamic updates', 'update broker 0', [{ type: 'update-dynamically', nodeIds: [0, 1], onRefused: 'restart' }]],
    [
      'two actions',
      'delete /controller',
      [
        { type: 'delete-znode', path: '/controller', onAbsent: 'continues' },
        { type: 'delete-znode', path: '/migration', onAbsent: 'continues' },
      ],
    ],
    [
      'its last action and its end',
      'update broker 2',
      [{ type: 'update-dynamically', nodeIds: [2], onRefused: 'fails' }],
    ],
  ])('between %s does nothing more, and reaches no state', async (_between, call, actions) => {
    const { target, reached } = abandonedIn(call, actions);
    await expect(reached).rejects.toThrow('abandoned');
    expect(target.calls).toEqual([call]);
  });

  it('gives its signal to every wait', async () => {
    const life = new AbortController();
    const given: (AbortSignal | undefined)[] = [];
    const target = new FakeTarget().has('broker', 'MIGRATION', 0);
    target.waited = (pass) => given.push(pass);
    await execute(
      target,
      [
        { type: 'create-nodes', role: 'broker', nodeIds: [1], configurationState: 'MIGRATION' },
        { type: 'await-nodes', role: 'broker', nodeIds: [1] },
        { ...ROLL, nodeIds: [0] },
        { type: 'update-dynamically', nodeIds: [0], onRefused: 'fails' },
        { type: 'delete-znode', path: '/controller', onAbsent: 'continues' },
      ],
      END,
      life.signal,
    ).reached;
    expect(given).toEqual([life.signal, life.signal, life.signal, life.signal, life.signal]);
  });
});
