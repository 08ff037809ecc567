import { describe, expect, it } from '@jest/globals';
import { unresponsiveNodes } from '../../../../src/invariants/reading/unresponsive.js';
import type { JournalEventBody } from '../../../../src/journal/events.js';
import { Story } from '../story.js';

const POD = 'my-cluster-broker-0';
const OTHER = 'my-cluster-broker-1';
const silent = (pod = POD, detail = 'no answer'): JournalEventBody => ({ type: 'node-unresponsive', pod, detail });
const fault = (action: 'inject' | 'undo', pod = POD): JournalEventBody => ({
  type: 'fault',
  fault: 'freeze-node',
  action,
  pod,
});
const found = (...bodies: readonly JournalEventBody[]) => {
  const story = new Story();
  for (const body of bodies) story.add(body);
  return unresponsiveNodes(story.events);
};

describe('the nodes that do not answer', () => {
  it('are those that did not when they were last asked', () => {
    expect(found(silent(POD, 'first'), silent(OTHER), silent(POD, 'second'))).toEqual([
      { pod: POD, detail: 'second', fault: undefined },
      { pod: OTHER, detail: 'no answer', fault: undefined },
    ]);
    expect(found({ type: 'node-ready', pod: POD })).toEqual([]);
  });

  it.each<[string, JournalEventBody]>([
    ['stopped', { type: 'node-stopped', pod: POD, reason: 'rolled' }],
    ['restarted by the kubelet', { type: 'container-restarted', pod: POD, how: 'exit code 1', backOff: 0 }],
  ])('are not those that were %s since', (_, event) => {
    expect(found(silent(), silent(OTHER), event)).toMatchObject([{ pod: OTHER }]);
  });

  it('are not those that were started since', () => {
    const story = new Story().add(silent()).add(silent(OTHER)).broker('ZK');
    expect(unresponsiveNodes(story.events)).toMatchObject([{ pod: OTHER }]);
  });

  it.each<[string, readonly JournalEventBody[], string | undefined]>([
    ['was injected', [fault('inject'), silent()], 'freeze-node'],
    ['was injected after they were asked', [silent(), fault('inject')], undefined],
    ['was undone', [fault('inject'), fault('undo'), silent()], undefined],
    ['was of another node', [fault('inject', OTHER), silent()], undefined],
    ['was undone in another node', [fault('inject'), fault('undo', OTHER), silent()], 'freeze-node'],
    [
      'was of an earlier run of the node',
      [fault('inject'), { type: 'node-stopped', pod: POD, reason: 'user' }, silent()],
      undefined,
    ],
    ['was of no node', [{ type: 'fault', fault: 'pause', action: 'inject' }, silent()], undefined],
  ])('have the fault that explains it: it %s', (_, bodies, expected) => {
    expect(found(...bodies)).toEqual([{ pod: POD, detail: 'no answer', fault: expected }]);
  });
});
