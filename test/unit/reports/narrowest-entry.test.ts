import { describe, expect, it } from '@jest/globals';
import type { Evidence, InvariantEvaluated, JournalEventBody, RunStarted } from '../../../src/journal/events.js';
import { describeEnding, describeStory } from '../../../src/reports/story.js';
import { parseKnownIssues } from '../../../src/scenario/known-issues.js';
import { ISSUE, journal, LOST, started } from '../comparison/journals.js';

const gone = (name: string, who: string): Evidence => ({
  subject: `/brokers/topics/${name}`,
  expected: 'present',
  found: 'absent',
  lost: { kind: 'topic', name },
  writer: { session: '0x1', who },
});
const violated = (changes: Partial<InvariantEvaluated> = {}): JournalEventBody => ({
  type: 'invariant-evaluated',
  step: 'roll back',
  invariant: 'zookeeper-metadata-survives',
  about: 'loss',
  holds: false,
  message: 'topics vanished',
  evidence: [gone('b', 'broker 0'), gone('a', 'broker 0'), gone('c', 'controller 1')],
  ...changes,
});
const leftover = (step: string): JournalEventBody =>
  violated({
    step,
    invariant: 'migration-znode-absent',
    about: 'residue',
    message: '/migration is still there',
    evidence: [{ subject: '/migration', expected: 'absent', found: '{"offset":1}' }],
  });
const state: JournalEventBody = {
  type: 'state-changed',
  from: 'KRaftDualWriting',
  to: 'ZooKeeper',
  annotation: 'disabled',
};

/** The lines of the entry that an ending prints. */
function entryOf(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => line.startsWith('- id: '));
  return first === -1 ? [] : lines.slice(first, lines.indexOf('', first));
}

const entry = (bodies: readonly JournalEventBody[], head?: RunStarted): readonly string[] =>
  entryOf(describeEnding(head === undefined ? journal(bodies) : journal(bodies, head)));

describe('the entry that an ending prints', () => {
  it('describes exactly what was found and nothing explains', () => {
    const bodies = [state, leftover('roll back'), leftover('migrate again'), violated(), ...LOST];
    const printed = entry([...bodies]);
    expect(printed).toEqual([
      '- id: migration-znode-absent-in-roll-back',
      '  title: migration-znode-absent is violated in step "roll back"',
      '  thread: unreported',
      '  operatorVersions: [ 0.45.0 ]',
      '  scenarios: [ rollback-remigrate ]',
      '  violations:',
      '    - invariant: migration-znode-absent',
      '      about: residue',
      '      steps: [ roll back, migrate again ]',
      '      states: [ ZooKeeper ]',
      '      evidence:',
      '        - subjects: [ /migration ]',
      '    - invariant: zookeeper-metadata-survives',
      '      about: loss',
      '      steps: [ roll back ]',
      '      states: [ ZooKeeper ]',
      '      evidence:',
      '        - subjects: [ /brokers/topics/a, /brokers/topics/b ]',
      '          found: [ absent ]',
      '          lost: topic',
      '          writers: [ broker ]',
      '        - subjects: [ /brokers/topics/c ]',
      '          found: [ absent ]',
      '          lost: topic',
      '          writers: [ controller ]',
      '  why: /migration is still there; topics vanished',
      '  recording: a-run',
    ]);
    expect(parseKnownIssues(printed.join('\n'), 'the ending')).toHaveLength(1);
  });

  it('omits what is explained', () => {
    expect(entry([violated({ knownIssue: ISSUE }), leftover('roll back'), ...LOST]).join('\n')).not.toContain(
      'zookeeper-metadata-survives',
    );
    expect(entry([violated({ knownIssue: ISSUE }), ...LOST])).toEqual([]);
    expect(entry([violated({ holds: true }), ...LOST])).toEqual([]);
  });

  it('does not join what was found in different states', () => {
    const printed = entry([leftover('roll back'), state, leftover('migrate again'), ...LOST]);
    expect(printed.filter((line) => line.includes('states:'))).toEqual([
      '      states: [ none ]',
      '      states: [ ZooKeeper ]',
    ]);
  });

  it('can be read whatever the texts contain, in lines of at most 120 characters', () => {
    const message = `"quoted": #1 [x] {y} ${'word '.repeat(60)}`;
    const evidence: readonly Evidence[] = [
      { subject: '- a: "b" #c', expected: '', found: '' },
      ...Array.from({ length: 30 }, (_, i) => gone(`topic-${i}`, 'controller 1')),
    ];
    const printed = entry([violated({ step: 'it\'s: "step" #1', message, evidence }), ...LOST]);
    const [read] = parseKnownIssues(printed.join('\n'), 'the ending');
    expect(read).toMatchObject({
      why: message,
      violations: [{ steps: ['it\'s: "step" #1'], evidence: [{ subjects: ['- a: "b" #c'] }, { lost: 'topic' }] }],
    });
    expect(Math.max(...printed.map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  it('is not printed for a candidate, or before there is a verdict', () => {
    expect(entry([violated(), ...LOST], started({ operatorVersion: '0.45.3', baseline: '0.45.0' }))).toEqual([]);
    expect(entry([violated()])).toEqual([]);
  });

  it('is in the story, too', () => {
    const story = describeStory(journal([violated(), ...LOST]));
    expect(entryOf(story)).toEqual(entry([violated(), ...LOST]));
    expect(story.join('\n').replaceAll(/\s+/g, ' ')).toContain('paste these lines into DIR/known-issues.yaml');
  });
});
