import { describe, expect, it } from '@jest/globals';
import {
  createPendingReporter,
  imageProblem,
  type KubeEvent,
  lastWarning,
  podProblemsOf,
  provisioningProblem,
} from '../../../../src/environments/kubernetes/pod-problems.js';
import type { Claim, Pod } from '../../../../src/kubernetes/core-objects.js';

function claim(phase: 'Pending' | 'Bound', name = 'data-0-my-cluster-broker-0'): Claim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { storageClassName: 'slow' },
    status: { phase },
  };
}

function pod(status: NonNullable<Pod['status']>): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'my-cluster-broker-0' },
    spec: {
      initContainers: [{ name: 'init', image: 'quay.io/init' }],
      containers: [{ name: 'kafka', image: 'kafka' }],
    },
    status,
  };
}

let number = 0;
function event(kind: string, name: string, reason: string, details: Partial<KubeEvent> = {}): KubeEvent {
  number += 1;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `e${number}` },
    involvedObject: { kind, name },
    type: 'Warning',
    reason,
    message: `message of ${reason}.`,
    count: 1,
    lastTimestamp: `2026-11-24T10:00:${String(number).padStart(2, '0')}Z`,
    ...details,
  };
}

const CLAIM = ['PersistentVolumeClaim', 'data-0-my-cluster-broker-0'] as const;
const POD = ['Pod', 'my-cluster-broker-0'] as const;

describe('the reasons why pods and claims are not ready', () => {
  it('a claim that is Pending, with its class and its last event, whatever the order of events', () => {
    const late = event(...CLAIM, 'ExternalProvisioning', { lastTimestamp: '2026-11-24T11:00:00Z', type: 'Normal' });
    const early = event(...CLAIM, 'WaitForFirstConsumer');
    expect(podProblemsOf([], [claim('Pending')], [late, early, event('Pod', 'other', 'BackOff')])).toEqual([
      'claim data-0-my-cluster-broker-0 is Pending (StorageClass slow): ExternalProvisioning: message of ExternalProvisioning',
    ]);
    expect(podProblemsOf([], [claim('Bound')], [late])).toEqual([]);
    expect(podProblemsOf([], [claim('Pending')], [])).toEqual([
      'claim data-0-my-cluster-broker-0 is Pending (StorageClass slow)',
    ]);
  });

  it("a pod that cannot be scheduled: the scheduler's message", () => {
    const conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: '0/1 nodes are available: 1 Insufficient memory.',
      },
    ];
    expect(podProblemsOf([pod({ phase: 'Pending', conditions })], [], [])).toEqual([
      'pod my-cluster-broker-0 cannot be scheduled: 0/1 nodes are available: 1 Insufficient memory',
    ]);
  });

  it('a pod that runs and is not ready: its restarts and its last warning, or else its last event', () => {
    const containerStatuses = [
      {
        name: 'kafka',
        restartCount: 2,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 3 } },
      },
    ];
    const events = [event(...POD, 'Unhealthy'), event(...POD, 'Started', { type: 'Normal' })];
    expect(podProblemsOf([pod({ phase: 'Running', containerStatuses })], [], events)).toEqual([
      'pod my-cluster-broker-0 is Running, not ready (CrashLoopBackOff; 2 restarts, exit code 3; last event: Unhealthy: message of Unhealthy)',
    ]);
  });

  it('nothing about a pod that is ready, or that starts without problems', () => {
    expect(podProblemsOf([pod({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] })], [], [])).toEqual(
      [],
    );
    const containerStatuses = [{ name: 'kafka', restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } }];
    expect(podProblemsOf([pod({ phase: 'Pending', containerStatuses })], [], [])).toEqual([
      'pod my-cluster-broker-0 is Pending, not ready',
    ]);
  });

  it("an init container's image, by its own name", () => {
    const initContainerStatuses = [{ name: 'init', restartCount: 0, state: { waiting: { reason: 'ErrImagePull' } } }];
    expect(imageProblem(pod({ phase: 'Pending', initContainerStatuses }))).toBe(
      'The image quay.io/init of pod my-cluster-broker-0 cannot be pulled (ErrImagePull).',
    );
  });

  it('a provisioner that has failed twice, in one event or in two, on a claim that is still Pending', () => {
    const sentence =
      'No volume is provisioned for claim data-0-my-cluster-broker-0 (StorageClass slow): ProvisioningFailed: message of ProvisioningFailed.';
    const once = event(...CLAIM, 'ProvisioningFailed');
    expect(provisioningProblem([claim('Pending')], [once])).toBeUndefined();
    expect(provisioningProblem([claim('Pending')], [once, event(...CLAIM, 'ProvisioningFailed')])).toBe(sentence);
    expect(provisioningProblem([claim('Pending')], [event(...CLAIM, 'ProvisioningFailed', { count: 2 })])).toBe(
      sentence,
    );
    const series = event(...CLAIM, 'ProvisioningFailed', { count: null, series: { count: 2 } });
    expect(provisioningProblem([claim('Pending')], [series])).toBe(sentence);
    expect(provisioningProblem([claim('Bound')], [series])).toBeUndefined();
    expect(provisioningProblem([claim('Pending', 'other')], [series])).toBeUndefined();
  });

  it('the last warning about any object', () => {
    const events = [event('ReplicaSet', 'o-1', 'FailedCreate'), event('Deployment', 'o', 'Scaled', { type: 'Normal' })];
    expect(lastWarning(events)).toBe('ReplicaSet o-1: FailedCreate: message of FailedCreate');
    expect(lastWarning(events.slice(1))).toBeUndefined();
  });
});

describe('a pod that cannot be scheduled', () => {
  const unschedulable = (message: string): Pod =>
    pod({
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
    });
  const reported = (...pods: readonly Pod[]): readonly string[] => {
    const sentences: string[] = [];
    const report = createPendingReporter((sentence) => sentences.push(sentence));
    for (const one of pods) report(one);
    return sentences;
  };
  const withUid = (uid: string, one: Pod): Pod => ({ ...one, metadata: { ...one.metadata, uid } });

  it('is reported when the scheduler says so, once for each reason and pod', () => {
    const cpu = unschedulable('0/1 nodes are available: 1 Insufficient cpu.');
    const memory = unschedulable('0/1 nodes are available: 1 Insufficient memory.');
    const sentence = (what: string) =>
      `Pod my-cluster-broker-0 cannot be scheduled, and the run waits for it: 0/1 nodes are available: 1 Insufficient ${what}.`;
    expect(reported(cpu, cpu, memory, withUid('2', cpu))).toEqual([
      sentence('cpu'),
      sentence('memory'),
      sentence('cpu'),
    ]);
  });

  it('is not reported while its claims are bound, while it is deleted, and when it has been scheduled', () => {
    const deleted = unschedulable('0/1 nodes are available: 1 Insufficient cpu.');
    expect(
      reported(
        unschedulable('0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.'),
        unschedulable('persistentvolumeclaim "data-0-my-cluster-broker-0" not found.'),
        { ...deleted, metadata: { ...deleted.metadata, deletionTimestamp: '2026-11-27T12:00:00Z' } },
        pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }] }),
        pod({ phase: 'Pending' }),
      ),
    ).toEqual([]);
  });
});
