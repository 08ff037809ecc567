import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { EnvironmentError, UsageError, WaitTimedOut } from '../../src/errors.js';
import { type Pod, VOLUME, type Volume } from '../../src/kubernetes/core-objects.js';
import type { KubeObject } from '../../src/kubernetes/kube-object.js';
import { describeOnCluster, IMAGE } from './api/real-cluster.js';
import { Bench, claimOfBroker, IDLE, podOfBroker, VERSION } from './install-support.js';
import { releaseFolder } from './support/stand-in-manifests.js';

const TIMEOUT_MS = 240_000;
const { signal } = new AbortController();
const STORAGE_CLASS = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' } as const;
const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class';

describeOnCluster('missing storage, images and nodes', () => {
  let bench: Bench;
  let restore: (() => Promise<unknown>)[];
  beforeEach(async () => {
    bench = await Bench.create();
    restore = [];
  });
  afterEach(async () => {
    for (const one of restore) await one();
    await bench.close();
  });

  /**
   * A claim that stays Pending with any provisioner: its volume does not exist. The tests write the provisioner's
   * events themselves, since no provisioner fails reliably.
   */
  async function pendingClaim(): Promise<void> {
    await bench.api.create(claimOfBroker(bench.run, { volumeName: 'no-such-volume' }), { signal });
    restore.push(removeVolumes);
  }

  /**
   * A simple provisioner still creates a volume for such a claim, which cannot be bound to it and which no run
   * removes.
   */
  async function removeVolumes(): Promise<void> {
    const { items } = await bench.api.list<Volume>(VOLUME, { signal });
    for (const { metadata, spec } of items) {
      if (spec?.claimRef?.namespace === bench.run)
        await bench.api.delete({ ...VOLUME, name: metadata.name }, { signal });
    }
  }

  async function reportFailure(name: string, message: string): Promise<void> {
    const claim = { kind: 'PersistentVolumeClaim', namespace: bench.run, name: 'data-0-my-cluster-broker-0' };
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace: bench.run },
      involvedObject: { apiVersion: 'v1', ...claim },
      ...{ type: 'Warning', reason: 'ProvisioningFailed', message, count: 1, lastTimestamp: '2026-11-24T10:00:00Z' },
    };
    await bench.api.create(event, { signal });
  }

  it(
    'no default StorageClass: rejected before the run, with the list of classes',
    async () => {
      const { items } = await bench.api.list(STORAGE_CLASS, { signal });
      for (const { metadata } of items.filter(
        ({ metadata: { annotations } }) => annotations?.[IS_DEFAULT] === 'true',
      )) {
        const set = (value: string): Promise<KubeObject> =>
          bench.api.mergePatch(
            { ...STORAGE_CLASS, name: metadata.name },
            { metadata: { annotations: { [IS_DEFAULT]: value } } },
            { signal },
          );
        restore.push(() => set('true'));
        await set('false');
      }
      const refused = await bench.open(releaseFolder(VERSION)).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(UsageError);
      expect(String(refused)).toContain(
        `has no default StorageClass (it has ${items.map(({ metadata }) => metadata.name).join(', ')}): set the annotation ${IS_DEFAULT}=true on a StorageClass.`,
      );
      expect(await bench.left()).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'a claim that stays Pending and a pod that cannot be scheduled: the timeout describes both',
    async () => {
      const environment = await bench.open(await bench.manifests(IDLE));
      const cluster = await environment.create(await bench.cluster({ stateTimeoutMs: 20_000 }));
      try {
        await pendingClaim();
        const resources = { requests: { memory: '900Ti' } };
        await bench.api.create(podOfBroker(bench.run, { image: IMAGE, resources }), { signal });
        await reportFailure('a', 'The storage is full.');
        await bench.seen<Pod>(
          { apiVersion: 'v1', kind: 'Pod', namespace: bench.run },
          'the pod to be unschedulable',
          ({ status }) => status?.conditions?.some(({ reason }) => reason === 'Unschedulable') === true,
        );
        const failure = await cluster.waitForState('ZooKeeper').catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(WaitTimedOut);
        expect(String(failure)).toContain(
          'timed out after 20 s waiting for the state ZooKeeper (the state is not set yet; ',
        );
        expect(String(failure)).toMatch(
          /; claim data-0-my-cluster-broker-0 is Pending \(StorageClass \S+\): ProvisioningFailed: The storage is full; /,
        );
        expect(String(failure)).toMatch(
          /; pod my-cluster-broker-0 cannot be scheduled: 0\/\d+ nodes .*Insufficient memory/,
        );
        expect(bench.failures).toEqual([]);
      } finally {
        await cluster.close({ hurry: false });
      }
      expect(await bench.left()).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'a provisioner that fails a second time: the run ends with its message',
    async () => {
      const environment = await bench.open(await bench.manifests(IDLE));
      const cluster = await environment.create(await bench.cluster());
      try {
        await pendingClaim();
        await reportFailure('a', 'The storage does not answer.');
        await reportFailure('b', 'The storage is full.');
        const failure = await bench.failure();
        expect(failure).toBeInstanceOf(EnvironmentError);
        expect(failure.message).toMatch(
          /^No volume is provisioned for claim data-0-my-cluster-broker-0 \(StorageClass \S+\): ProvisioningFailed: The storage (is full|does not answer)\.$/,
        );
      } finally {
        await cluster.close({ hurry: false });
      }
      expect(await bench.left()).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    "a node's image cannot be pulled: the run ends, and names it",
    async () => {
      const environment = await bench.open(await bench.manifests(IDLE));
      const cluster = await environment.create(await bench.cluster());
      try {
        await bench.api.create(podOfBroker(bench.run, { image: 'localhost:1/no/such-kafka:3.9.0' }), { signal });
        const failure = await bench.failure();
        expect(failure).toBeInstanceOf(EnvironmentError);
        expect(failure.message).toMatch(
          /^The image localhost:1\/no\/such-kafka:3\.9\.0 of pod my-cluster-broker-0 cannot be pulled \((ErrImagePull|ImagePullBackOff): /,
        );
      } finally {
        await cluster.close({ hurry: false });
      }
      expect(await bench.left()).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
