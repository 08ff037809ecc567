import { describe, expect, it } from '@jest/globals';
import { NodeEvents } from '../../../../src/environments/replayed/node-events.js';

describe('NodeEvents', () => {
  it('passes everything on to all subscribers, in the order of subscription', () => {
    const events = new NodeEvents();
    const heard: string[] = [];
    const listener = (name: string) => ({
      line: (pod: string, line: string) => heard.push(`${name}: ${pod} says ${line}`),
      died: (pod: string, how: string) => heard.push(`${name}: ${pod} died of ${how}`),
    });
    events.line('too-early', 'no subscriber yet');
    events.subscribe(listener('witness'));
    events.subscribe(listener('pods'));
    events.line('broker-0', 'started');
    events.died('broker-0', 'SIGKILL');
    expect(heard).toEqual([
      'witness: broker-0 says started',
      'pods: broker-0 says started',
      'witness: broker-0 died of SIGKILL',
      'pods: broker-0 died of SIGKILL',
    ]);
  });
});
