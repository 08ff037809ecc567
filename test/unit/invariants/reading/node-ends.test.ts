import { describe, expect, it } from '@jest/globals';
import { ownEnds } from '../../../../src/invariants/reading/node-ends.js';
import { Story } from '../story.js';

const POD = 'my-cluster-broker-0';
const OTHER = 'my-cluster-broker-1';
const FATAL = 'FATAL it cannot start';

function died(story: Story, signal?: string): Story {
  const how = signal === undefined ? {} : { signal };
  return story.add({ type: 'node-stopped', pod: POD, reason: 'died', error: FATAL, ...how });
}

/** How the ends of the pod that count came about. */
function endsOf(story: Story, pod = POD): readonly string[] {
  return (ownEnds(story.events).get(pod) ?? []).map(({ how }) => how);
}

describe('the ends of a node', () => {
  it('have the time, the exit code, the error and the start', () => {
    const story = new Story().broker('ZK').crash('ERROR first').broker('MIGRATION');
    const [, , start] = story.events;
    died(story, 'exit code 1 (Error)');
    expect(ownEnds(story.events).get(POD)).toEqual([
      { pod: POD, t: 1, how: 'exit code 1', error: 'ERROR first', start: story.events[0] },
      { pod: POD, t: 2, how: 'exit code 1 (Error)', error: FATAL, start },
    ]);
  });

  it('need neither an error nor a start', () => {
    expect(ownEnds(new Story().crash().events).get(POD)).toEqual([
      { pod: POD, t: 0.5, how: 'exit code 1', error: undefined, start: undefined },
    ]);
  });

  it('are those of each pod', () => {
    const story = new Story().crash().crash('ERROR', OTHER, 'exit code 2').crash();
    expect(endsOf(story)).toHaveLength(2);
    expect(endsOf(story, OTHER)).toEqual(['exit code 2']);
  });

  it.each([
    ['exit code 1', true],
    ['exit code 128 (a text)', true],
    ['exit code 10', true],
    ['exit code 0', false],
    ['exit code 0 (Completed)', false],
    ['exit code 129', false],
    ['exit code 137 (OOMKilled)', false],
    ['SIGKILL', false],
    ['an exit code 1', false],
    ['exit code 1x', false],
  ])('by itself: %s: %s', (how, own) => {
    expect(endsOf(new Story().broker('ZK').crash(FATAL, POD, how))).toEqual(own ? [how] : []);
    expect(endsOf(died(new Story().broker('ZK'), how))).toEqual(own ? [how] : []);
  });

  it('is not one that nobody knows the kind of', () => {
    expect(endsOf(died(new Story().broker('ZK')))).toEqual([]);
  });

  it.each([
    ['the node was ready and was then stopped on order', (story: Story) => story.broker('ZK').ready(POD).stop(POD)],
    ['the pod was removed', (story: Story) => story.gone(POD)],
    ['its volume was deleted', (story: Story) => story.add({ type: 'volume-wiped', pod: POD })],
  ])('do not count any more after %s', (_, then) => {
    expect(endsOf(then(new Story().broker('ZK').crash()))).toEqual([]);
    expect(endsOf(then(new Story().broker('ZK').crash()).crash())).toHaveLength(1);
  });

  it.each([
    ['the node was stopped before it was ready', (story: Story) => story.broker('ZK').stop(POD)],
    ['the node was ready and then ended by itself', (story: Story) => story.broker('ZK').ready(POD).crash()],
    ['the node was ready', (story: Story) => story.broker('ZK').ready(POD)],
    ['another one was ready and was stopped', (story: Story) => story.ready(OTHER).stop(OTHER)],
    ['another one was removed', (story: Story) => story.gone(OTHER)],
    [
      'the node was ready, was killed, and was stopped while it started again',
      (story: Story) => died(story.ready(POD), 'SIGKILL').broker('ZK').stop(POD),
    ],
    ['something else happened to it', (story: Story) => story.log('a line', {}, POD)],
  ])('still count after %s', (_, then) => {
    expect(endsOf(then(new Story().broker('ZK').crash('ERROR', POD, 'exit code 7')))).toContain('exit code 7');
  });

  it('of a node that was ready and stopped once still count if it ends again', () => {
    const story = new Story().broker('ZK').ready(POD).stop(POD).broker('ZK').crash().stop(POD);
    expect(endsOf(story)).toHaveLength(1);
  });
});
