import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { WaitAborted } from '../../../src/errors.js';
import type { KubeApi } from '../../../src/kubernetes/kube-api.js';
import { followLog, type LogLine } from '../../../src/kubernetes/pod-log.js';
import { Watched } from '../../../src/kubernetes/watched.js';
import {
  connectToCluster,
  createNamespace,
  deleteNamespace,
  describeOnCluster,
  type PerlPod,
  perlPod,
} from './real-cluster.js';

jest.setTimeout(240_000);

const { signal } = new AbortController();
const POD = { apiVersion: 'v1', kind: 'Pod' };

/** 500 numbered lines, written quickly, some of them the same, on both outputs; the last one without a line break. */
const SPEAK = `for my $i (1..500) { my $o = $i % 7 ? STDOUT : STDERR; print $o ($i % 50 ? "line $i\\n" : "same\\n") }`;

describeOnCluster('followLog on a cluster', () => {
  let api: KubeApi;
  let namespace: string;

  beforeAll(async () => {
    api = await connectToCluster();
    namespace = await createNamespace(api);
  });

  afterAll(async () => {
    await deleteNamespace(api, namespace);
    api.close();
  });

  async function create(name: string, program: string, restartPolicy?: string): Promise<string> {
    const { metadata } = await api.create(perlPod(namespace, name, program, restartPolicy), { signal });
    return metadata.uid ?? '';
  }

  /** Lines are in order only within each of the two outputs. */
  function sorted(lines: readonly LogLine[]): readonly string[] {
    return lines.map(({ text }) => text).sort();
  }

  const spoken = Array.from({ length: 500 }, (_, at) => ((at + 1) % 50 === 0 ? 'same' : `line ${at + 1}`));

  it('reports every line once, across restarts of the container, up to the last line of the pod', async () => {
    const uid = await create('restarts', `${SPEAK}; print "end"; sleep 2; exit 1`);
    const lines: LogLine[] = [];
    const source = { namespace, pod: 'restarts', container: 'main', uid };
    let deletion: Promise<unknown> = Promise.resolve();
    const end = await followLog(
      api,
      source,
      (line) => {
        lines.push(line);
        // Delete the pod in its third run, while it writes.
        if (line.restarts === 2 && line.text === 'line 499') {
          deletion = api.delete({ ...POD, namespace, name: 'restarts' }, { signal });
        }
      },
      signal,
    );
    await deletion;
    expect(end).toEqual({ complete: true });
    for (const life of [0, 1, 2]) {
      const found = lines.filter(({ restarts, text }) => restarts === life && text !== 'end');
      expect([life, sorted(found)]).toEqual([life, [...spoken].sort()]);
    }
    expect(lines.every(({ time }) => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d+/.test(time))).toBe(true);
  });

  it('also reports the previous log if it starts after a restart', async () => {
    const uid = await create('late', 'print "I speak\\n"; sleep 1; exit 1');
    const pods = await Watched.start<PerlPod>(
      api,
      { ...POD, namespace, fieldSelector: 'metadata.name=late' },
      { signal },
    );
    await pods.waitFor(
      'the first restart',
      (all) => all.get('late')?.status?.containerStatuses?.some(({ restartCount }) => restartCount === 1) || undefined,
      120_000,
      signal,
    );
    await pods.close();
    const lives = new Set<number>();
    const run = new AbortController();
    const following = followLog(
      api,
      { namespace, pod: 'late', container: 'main', uid },
      ({ restarts }) => {
        lives.add(restarts);
        if (restarts === 1) run.abort();
      },
      run.signal,
    );
    await expect(following).rejects.toBeInstanceOf(WaitAborted);
    expect([...lives]).toEqual([0, 1]);
  });

  it('waits for a container that has not started, and ends with a pod that has completed and is deleted', async () => {
    const uid = await create('once', 'print "only\\n"; print "last words"', 'Never');
    const lines: string[] = [];
    const end = await followLog(
      api,
      { namespace, pod: 'once', container: 'main', uid },
      ({ text }) => {
        lines.push(text);
        if (text === 'last words') void api.delete({ ...POD, namespace, name: 'once' }, { signal });
      },
      signal,
    );
    expect(lines).toEqual(['only', 'last words']);
    expect(end).toEqual({ complete: true });
  });

  it('ends immediately for a pod that has been replaced', async () => {
    await create('other', 'sleep 1000');
    const source = { namespace, pod: 'other', container: 'main', uid: 'another' };
    await expect(followLog(api, source, () => undefined, signal)).resolves.toEqual({ complete: false });
  });
});
