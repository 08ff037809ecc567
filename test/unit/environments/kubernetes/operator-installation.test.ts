import { describe, expect, it } from '@jest/globals';
import { problemOf } from '../../../../src/environments/kubernetes/operator-installation.js';
import { imageProblem } from '../../../../src/environments/kubernetes/pod-problems.js';
import type { Pod } from '../../../../src/kubernetes/core-objects.js';

function pod(waiting: string | undefined, restartCount = 0): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'strimzi-cluster-operator-x', namespace: 'ns' },
    spec: { containers: [{ name: 'strimzi-cluster-operator', image: 'quay.io/strimzi/operator:0.45.1' }] },
    status: {
      containerStatuses: [
        {
          name: 'strimzi-cluster-operator',
          restartCount,
          ...(waiting === undefined ? {} : { state: { waiting: { reason: waiting, message: 'because' } } }),
          ...(restartCount === 0 ? {} : { lastState: { terminated: { exitCode: 1, reason: 'Error' } } }),
        },
      ],
    },
  };
}

describe('what keeps an operator from becoming ready', () => {
  it.each(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'])(
    'an image that is not to be had: %s',
    (reason) => {
      const sentence = `The image quay.io/strimzi/operator:0.45.1 of pod strimzi-cluster-operator-x can't be had (${reason}: because).`;
      expect(imageProblem(pod(reason))).toBe(sentence);
      expect(problemOf(pod(reason))).toBe(sentence);
    },
  );

  it('a crash loop, from the third restart on: before that its rights may still be spreading', () => {
    expect(problemOf(pod('CrashLoopBackOff', 2))).toBeUndefined();
    expect(problemOf(pod('CrashLoopBackOff', 3))).toBe(
      'Pod strimzi-cluster-operator-x crashes again and again (3 restarts, exit code 1, Error).',
    );
    expect(imageProblem(pod('CrashLoopBackOff', 3))).toBeUndefined();
  });

  it('nothing, while it is being made or runs', () => {
    expect(problemOf(pod('ContainerCreating'))).toBeUndefined();
    expect(problemOf(pod(undefined, 5))).toBeUndefined();
  });
});
