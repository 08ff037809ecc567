import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/errors.js';
import type { Gesture, JournalEventBody } from '../../../src/journal/events.js';
import { kubectlScript, type ScriptManifests } from '../../../src/reports/kubectl-script.js';
import { brokerStart, journal } from '../comparison/journals.js';

const MANIFESTS: ScriptManifests = {
  kafka: ({ cluster: { name } }) => ({ kind: 'Kafka', metadata: { name } }),
  pool: (_, role, pool) => ({ kind: 'KafkaNodePool', metadata: { name: role }, ...pool }),
};
const gesture = (made: Gesture): JournalEventBody => ({ type: 'gesture', ...made });
const started = (pod: string, role: 'broker' | 'controller' = 'broker'): JournalEventBody =>
  brokerStart({ role, pod, nodeId: Number(pod.at(-1)) });
const restarted = (pod: string): JournalEventBody => ({
  type: 'container-restarted',
  pod,
  how: 'exit code 1',
  backOff: 0,
});
const client = (
  action: 'create-topic' | 'alter-topic' | 'delete-topic' | 'produce',
  topic: string,
  records?: number,
): JournalEventBody => ({ type: 'client-action', action, topic, ...(records === undefined ? {} : { records }) });
const awaited: JournalEventBody = { type: 'state-awaited', state: 'KRaftDualWriting' };
const CONTROLLER = 'my-cluster-controller-1';
const POOL = gesture({ gesture: 'create-controller-pool', deleteClaim: true });

const scriptOf = (...events: readonly JournalEventBody[]): string => kubectlScript(journal(events), MANIFESTS);
/** The commands after the functions. */
const commands = (...events: readonly JournalEventBody[]): readonly string[] => {
  const lines = scriptOf({ type: 'step-started', step: 'test', index: 0 }, ...events).split('\n');
  return lines.slice(lines.indexOf("echo '# test'") + 1, -1);
};

describe('each gesture', () => {
  it('deploy applies the broker pool and the Kafka resource', () => {
    expect(commands(gesture({ gesture: 'deploy' }))).toEqual([
      `kubectl -n "$namespace" apply -f - <<'EOF'`,
      'kind: KafkaNodePool',
      'metadata:',
      '  name: broker',
      'deleteClaim: true',
      'EOF',
      `kubectl -n "$namespace" apply -f - <<'EOF'`,
      'kind: Kafka',
      'metadata:',
      '  name: my-cluster',
      'EOF',
    ]);
  });

  it.each([
    { made: { deleteClaim: false }, last: ['deleteClaim: false', 'EOF'] },
    { made: { deleteClaim: true, storage: 'ephemeral' }, last: ['storage: ephemeral', 'EOF'] },
  ] as const)('create-controller-pool applies the pool: %j', ({ made, last }) => {
    const lines = commands(gesture({ gesture: 'create-controller-pool', ...made }));
    expect(lines.slice(2, 4)).toEqual(['metadata:', '  name: controller']);
    expect(lines.slice(-2)).toEqual(last);
  });

  const deletion = (deleteClaim: boolean): JournalEventBody =>
    gesture({ gesture: 'delete-controller-pool', deleteClaim });

  it('delete-controller-pool waits for the pods and claims of this pool to be gone', () => {
    const lines = commands(started('my-cluster-broker-0'), POOL, started(CONTROLLER, 'controller'), deletion(true));
    expect(lines.slice(-3)).toEqual([
      'kubectl -n "$namespace" delete kafkanodepool/controller',
      `wait_until_gone pod/${CONTROLLER}`,
      `wait_until_gone pvc/data-0-${CONTROLLER}`,
    ]);
  });

  it('delete-controller-pool does not wait for claims that are kept, or that there are not', () => {
    const gone = `wait_until_gone pod/${CONTROLLER}`;
    expect(commands(POOL, started(CONTROLLER, 'controller'), deletion(false)).at(-1)).toBe(gone);
    const ephemeral = gesture({ gesture: 'create-controller-pool', deleteClaim: true, storage: 'ephemeral' });
    expect(commands(ephemeral, started(CONTROLLER, 'controller'), deletion(true)).at(-1)).toBe(gone);
  });

  it('delete-controller-pool waits for whole passes only if the user had waited for the state', () => {
    const annotated = gesture({ gesture: 'annotate', value: 'rollback' });
    expect(commands(awaited, annotated, deletion(true))).not.toContain('wait_for_passes 3');
    const lines = commands(annotated, awaited, deletion(true));
    expect(lines.slice(1)).toEqual([
      'wait_for_state KRaftDualWriting',
      'wait_for_passes 3',
      'kubectl -n "$namespace" delete kafkanodepool/controller',
    ]);
  });

  it('delete-controller-volumes deletes the claims of the last pool by name', () => {
    const lines = commands(
      POOL,
      started('my-cluster-controller-7', 'controller'),
      POOL,
      started(CONTROLLER, 'controller'),
      gesture({ gesture: 'delete-controller-volumes' }),
    );
    expect(lines.filter((line) => line.includes(' delete '))).toEqual([
      `kubectl -n "$namespace" delete pvc/data-0-${CONTROLLER}`,
    ]);
  });

  it.each([
    [
      { gesture: 'annotate', value: 'migration' },
      ['kubectl -n "$namespace" annotate kafka/my-cluster strimzi.io/kraft=migration --overwrite'],
    ],
    [
      { gesture: 'annotate', value: "it's; x" },
      [`kubectl -n "$namespace" annotate kafka/my-cluster strimzi.io/kraft='it'\\''s; x' --overwrite`],
    ],
    [
      { gesture: 'pause-reconciliation', paused: true },
      ['kubectl -n "$namespace" annotate kafka/my-cluster strimzi.io/pause-reconciliation=true --overwrite'],
    ],
    [
      { gesture: 'pause-reconciliation', paused: false },
      ['kubectl -n "$namespace" annotate kafka/my-cluster strimzi.io/pause-reconciliation- --overwrite'],
    ],
    [{ gesture: 'delete-znode', path: '/migration' }, ['delete_znode /migration']],
    [{ gesture: 'write-znode', path: '/migration', value: null }, ['write_znode /migration']],
    [
      { gesture: 'write-znode', path: '/controller_epoch', value: '{"a": 1}' },
      [`write_znode /controller_epoch '{"a": 1}'`],
    ],
    [
      { gesture: 'restart-broker', nodeId: 2 },
      ['kubectl -n "$namespace" delete pod/my-cluster-broker-2', 'wait_for_pod my-cluster-broker-2'],
    ],
    [
      { gesture: 'restart-controller', nodeId: 1 },
      [`kubectl -n "$namespace" delete pod/${CONTROLLER}`, `wait_for_pod ${CONTROLLER}`],
    ],
    [
      { gesture: 'restart-zookeeper', nodeId: 0 },
      ['kubectl -n "$namespace" delete pod/my-cluster-zookeeper-0', 'wait_for_pod my-cluster-zookeeper-0'],
    ],
    [{ gesture: 'restart-operator' }, ['restart_operator']],
    [
      { gesture: 'replace-broker-volume', nodeId: 2 },
      [
        'kubectl -n "$namespace" delete pvc/data-0-my-cluster-broker-2 --wait=false',
        'kubectl -n "$namespace" delete pod/my-cluster-broker-2',
        'wait_for_pod my-cluster-broker-2',
      ],
    ],
    [
      { gesture: 'upgrade-operator', version: '0.45.1' },
      [
        '# The folder install/cluster-operator of Strimzi 0.45.1, with the namespaces of your installation.',
        `kubectl -n "$operator_namespace" replace -f "\${UPGRADE:?the folder install/cluster-operator of Strimzi 0.45.1}"`,
        'kubectl -n "$operator_namespace" rollout status deployment/strimzi-cluster-operator --timeout=10m',
      ],
    ],
  ] satisfies readonly (readonly [Gesture, readonly string[]])[])('%j', (made, expected) => {
    expect(commands(gesture(made))).toEqual(expected);
  });

  it('scale-broker-pool waits for the brokers that are new', () => {
    const lines = commands(
      started('my-cluster-broker-0'),
      gesture({ gesture: 'scale-broker-pool', replicas: 2 }),
      started('my-cluster-broker-2'),
      gesture({ gesture: 'annotate', value: 'rollback' }),
      started('my-cluster-broker-0'),
      started('my-cluster-broker-3'),
    );
    expect(lines.slice(0, 2)).toEqual([
      `kubectl -n "$namespace" patch kafkanodepool/broker --type=merge -p '{"spec":{"replicas":2}}'`,
      'wait_for_pod my-cluster-broker-2',
    ]);
    expect(lines.filter((line) => line.startsWith('wait_for_pod'))).toHaveLength(1);
  });

  it('a pod that ended by itself before the user deleted it has ended in the script, too', () => {
    const annotated = gesture({ gesture: 'annotate', value: 'disabled' });
    const volume = gesture({ gesture: 'replace-broker-volume', nodeId: 2 });
    expect(commands(annotated, restarted('my-cluster-broker-2'), volume)[1]).toBe(
      'wait_for_restarts my-cluster-broker-2 1',
    );
    // Before the gesture before, or another pod.
    const others = commands(restarted('my-cluster-broker-2'), annotated, restarted('my-cluster-broker-0'), volume);
    expect(others.filter((line) => line.startsWith('wait_for_restarts'))).toEqual([]);
  });
});

describe('what kubectl cannot do is an error that names it', () => {
  it.each([
    [gesture({ gesture: 'rewrite-meta-properties', nodeId: 2 }), 'the gesture rewrite-meta-properties: it rewrites'],
    [
      { type: 'gesture', gesture: 'sing' } as unknown as JournalEventBody,
      'the gesture sing: no command of it is known',
    ],
    [{ type: 'fault', fault: 'freeze-node', action: 'inject', pod: CONTROLLER }, 'the fault freeze-node'],
    [{ type: 'fault', fault: 'kill-node', action: 'inject' }, 'the fault kill-node'],
  ] satisfies readonly (readonly [JournalEventBody, string])[])('%j', (event, message) => {
    expect(() => scriptOf(event)).toThrow(UsageError);
    expect(() => scriptOf(event)).toThrow(message);
  });

  it('a killed node is a pod that is deleted with the shortest grace period', () => {
    expect(commands({ type: 'fault', fault: 'kill-node', action: 'inject', pod: CONTROLLER })).toEqual([
      `kubectl -n "$namespace" delete pod/${CONTROLLER} --grace-period=1 --wait=false`,
    ]);
  });
});

describe('topics', () => {
  it('are the first three of each step, with what was done to them', () => {
    const lines = commands(
      ...['a', 'b', 'c', 'd'].map((topic) => client('create-topic', topic)),
      client('produce', 'a', 100),
      client('produce', 'b'),
      client('produce', 'd', 10),
      client('alter-topic', 'b'),
      client('delete-topic', 'c'),
      { type: 'step-started', step: 'next', index: 1 },
      client('create-topic', 'e'),
    );
    expect(lines.slice(0, 6)).toEqual([
      'kafka_tool kafka-topics.sh --create --topic a --partitions 4',
      'kafka_tool kafka-topics.sh --create --topic b --partitions 4',
      'kafka_tool kafka-topics.sh --create --topic c --partitions 4',
      'produce a 100',
      'kafka_tool kafka-configs.sh --alter --entity-type topics --entity-name b --add-config retention.ms=-1',
      'kafka_tool kafka-topics.sh --delete --topic c',
    ]);
    expect(lines.slice(-5)).toEqual([
      "echo '# the end'",
      'listed=$(kafka_tool kafka-topics.sh --list)',
      'report_topic a 100',
      'report_topic b',
      'report_topic e',
    ]);
  });
});

describe('the end', () => {
  const disabled = gesture({ gesture: 'annotate', value: 'disabled' });
  const ends = (pod: string, times: number) => Array.from({ length: times }, () => restarted(pod));

  it('is the node that ended three times since the last gesture', () => {
    const lines = commands(client('create-topic', 'a'), disabled, ...ends('my-cluster-broker-2', 4), {
      type: 'verdict',
      verdict: 'broken',
      expected: 'broken',
      asExpected: true,
      summary: 'it does not stay up',
    });
    expect(lines.slice(-4)).toEqual([
      '',
      "echo '# the end, in the run: broken'",
      'wait_for_restarts my-cluster-broker-2 3',
      'last_error my-cluster-broker-2',
    ]);
  });

  it('is what is left of the topics otherwise', () => {
    const lines = commands(client('create-topic', 'a'), disabled, ...ends('my-cluster-broker-2', 2));
    expect(lines.at(-1)).toBe('report_topic a');
  });
});

describe('the script', () => {
  let folder: string;
  const everything = scriptOf(
    { type: 'step-started', step: "don't", index: 0 },
    POOL,
    client('create-topic', 'a'),
    client('produce', 'a', 10),
    awaited,
    gesture({ gesture: 'scale-broker-pool', replicas: 2 }),
    started('my-cluster-broker-2'),
    gesture({ gesture: 'write-znode', path: '/a/b', value: 'x y' }),
    gesture({ gesture: 'delete-znode', path: '/migration' }),
    gesture({ gesture: 'restart-operator' }),
    gesture({ gesture: 'delete-controller-pool', deleteClaim: true }),
  );

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'test-kubectl-script-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs it with a kubectl that logs its arguments, and answers what the case statement in `answers` says. */
  function run(script: string, answers: string): { readonly status: number | null; readonly calls: readonly string[] } {
    const log = join(folder, 'calls');
    writeFileSync(log, '');
    writeFileSync(join(folder, 'script.sh'), script);
    const kubectl = join(folder, 'kubectl');
    writeFileSync(kubectl, `#!/bin/bash\necho "$*" >> ${log}\ncase "$*" in\n${answers}\nesac\n`);
    chmodSync(kubectl, 0o755);
    const { status, error } = spawnSync('bash', [join(folder, 'script.sh'), 'mine', 'ops'], {
      env: { PATH: `${folder}:${process.env.PATH ?? ''}` },
      encoding: 'utf8',
    });
    if (error !== undefined) throw error;
    return { status, calls: readFileSync(log, 'utf8').trimEnd().split('\n') };
  }

  const ANSWERS = [
    '*" logs "*) for i in 1 2 3; do echo "Reconciliation #$i(watch) Kafka(mine/my-cluster): reconciled"; done ;;',
    '*" get pods "*) echo pod/operator-1 ;;',
    '*" ls /a") echo "[b, c]" ;;',
    '*" ls /") echo "[brokers, controller]" ;;',
    '*"--list"*) echo a ;;',
    '*kafka-get-offsets.sh*) echo a:0:4; echo a:1:6 ;;',
    '*console-producer*) cat > /dev/null ;;',
  ].join('\n');

  it('names one of the two namespaces in each command', () => {
    const { status, calls } = run(everything, ANSWERS);
    expect(calls.filter((call) => !/^-n (mine|ops) /.test(call))).toEqual([]);
    expect(status).toBe(0);
    expect(calls.length).toBeGreaterThan(15);
    // A znode that exists is changed, and one that does not is not deleted.
    expect(
      calls.filter((call) => / (set|create|delete) \//.test(call)).map((call) => call.split(':12181 ')[1]),
    ).toEqual(['set /a/b x y']);
    // Nothing else is deleted than what the gestures deleted.
    expect(calls.filter((call) => / delete (?!\/)/.test(call))).toEqual([
      '-n ops delete pod/operator-1',
      '-n mine delete kafkanodepool/controller',
    ]);
  });

  it('ends at the first command that fails', () => {
    const { status, calls } = run(everything, `*" patch "*) exit 7 ;;\n${ANSWERS}`);
    expect(status).toBe(7);
    expect(calls.at(-1)).toContain(' patch ');
  });

  it('ends if a znode cannot be read, before it writes', () => {
    const { status, calls } = run(everything, `*" ls /a") exit 1 ;;\n${ANSWERS}`);
    expect(status).toBe(1);
    expect(calls.at(-1)).toContain(' ls /a');
  });

  it('deletes no pod if there are two operators', () => {
    const { status, calls } = run(everything, `*" get pods "*) echo pod/a; echo pod/b ;;\n${ANSWERS}`);
    expect(status).toBe(1);
    expect(calls.at(-1)).toContain(' get pods ');
  });

  it('ends if the log of the operator ends before it has reconciled three times', () => {
    const waiting = scriptOf(awaited, gesture({ gesture: 'delete-controller-pool', deleteClaim: true }));
    const { status, calls } = run(waiting, '*" logs "*) echo "Kafka(mine/my-cluster): reconciled" ;;');
    expect(status).toBe(1);
    expect(calls.at(-1)).toContain(' logs ');
  });

  it('does nothing without a namespace', () => {
    writeFileSync(join(folder, 'script.sh'), everything);
    const { status, stderr } = spawnSync('bash', [join(folder, 'script.sh')], { encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stderr).toContain('the namespace for the Kafka cluster');
  });

  it('defines only the functions that it uses', () => {
    const defined = (script: string) => [...script.matchAll(/^(\w+)\(\) \{$/gm)].map(([, name]) => name);
    expect(defined(scriptOf(gesture({ gesture: 'annotate', value: 'migration' })))).toEqual([]);
    expect(defined(scriptOf(gesture({ gesture: 'delete-znode', path: '/migration' })))).toEqual([
      'zookeeper_shell',
      'znodes_beside',
      'delete_znode',
    ]);
  });
});
