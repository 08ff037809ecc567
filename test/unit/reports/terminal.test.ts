import { describe, expect, it } from '@jest/globals';
import { Journal } from '../../../src/journal/journal.js';
import { type Reporter, reportJournal } from '../../../src/reports/reporter.js';
import { createTerminalReporter, type TerminalOptions } from '../../../src/reports/terminal.js';
import { ALL_GONE, BROKEN, down, LOST, started } from '../comparison/journals.js';

const ESCAPE = '\u001b';

function report(options: Partial<Omit<TerminalOptions, 'stream'>> = {}) {
  const chunks: string[] = [];
  const reporter = createTerminalReporter({
    stream: { write: (text) => chunks.push(text) },
    tty: false,
    color: false,
    columns: 80,
    notes: { write: (text) => chunks.push(text) },
    strict: false,
    ...options,
  });
  return { reporter, output: () => chunks.join(''), clear: () => chunks.splice(0) };
}

function clocked(): Journal {
  let now = 0;
  return new Journal(() => (now += 500));
}

/** What a terminal with enough rows shows in the end. */
function screen(output: string): readonly string[] {
  let lines: string[] = [''];
  const erase = new RegExp(`(${ESCAPE}\\[\\d+A\\r${ESCAPE}\\[J|\\n)`);
  for (const part of output.split(erase)) {
    if (part.startsWith(ESCAPE)) lines = [...lines.slice(0, lines.length - 1 - Number.parseInt(part.slice(2), 10)), ''];
    else if (part === '\n') lines.push('');
    else lines[lines.length - 1] += part;
  }
  return lines;
}

describe('without a TTY', () => {
  it('prints one line per event that matters, after the run it belongs to', () => {
    const { reporter, output } = report();
    const [old, fixed] = [clocked(), clocked()];
    old.write(started());
    reportJournal(reporter, { label: '0.45.0' }, old);
    reportJournal(reporter, { label: '0.45.1' }, fixed);
    old.write({ type: 'step-started', step: 'deploy', index: 0 });
    fixed.write({ type: 'gesture', gesture: 'deploy' });
    old.write({ type: 'node-ready', pod: 'my-cluster-broker-0' });
    expect(output()).toBe(
      '[0.45.0]    1.0 s  deploy\n[0.45.1]    0.5 s  the user applied the broker pool and the Kafka resource\n',
    );
  });

  it('prints what was in the journal before it was added', () => {
    const { reporter, output } = report();
    const journal = clocked();
    journal.write({ type: 'gesture', gesture: 'deploy' });
    reportJournal(reporter, { label: '0.45.0' }, journal);
    expect(output()).toContain('the user applied');
  });

  it('prints a loss the moment its event comes', () => {
    const { reporter, output, clear } = report();
    const journal = clocked();
    reportJournal(reporter, { label: '0.45.0' }, journal);
    clear();
    journal.write(ALL_GONE);
    expect(output()).toBe(
      '[0.45.0]    0.5 s  LOSS: 2 topics vanished from ZooKeeper: orders, payments; none is left\n',
    );
  });

  it('moves no cursor and uses no colour', async () => {
    const { reporter, output } = report();
    const journal = clocked();
    reportJournal(reporter, { label: '0.45.0' }, journal);
    for (const event of [started(), ALL_GONE, ...LOST]) journal.write(event);
    await reporter.onEnd?.([]);
    expect(output()).not.toContain(ESCAPE);
    expect(output()).toContain('LOST as expected (known issue strimzi-kafka-operator#11262)\n');
  });

  it('prints an outage when it is found, and at the end heads it with "Broken"', async () => {
    const { reporter, output } = report();
    const journal = clocked();
    reportJournal(reporter, { label: '0.45.0' }, journal);
    for (const event of [started(), down(), ...BROKEN]) journal.write(event);
    expect(output()).toContain('outage: nodes-stay-up is violated: a broker does not stay up\n');
    expect(output()).toContain('BROKEN as expected (known issue strimzi-kafka-operator#11262)\n');
    await reporter.onEnd?.([
      {
        label: '0.45.0',
        events: journal.events(),
        exitCode: 0,
        results: undefined,
        kept: undefined,
        baseline: undefined,
      },
    ]);
    expect(output()).toMatch(
      /\nBROKEN as expected, in step "roll back": .*\n {2}Broken {8}a broker does not stay up\n/,
    );
    expect(output()).not.toMatch(/lost/i);
  });

  it('colours a loss if colours are enabled', () => {
    const { reporter, output } = report({ color: true });
    const journal = clocked();
    reportJournal(reporter, { label: '0.45.0' }, journal);
    journal.write(ALL_GONE);
    expect(output()).toContain(`${ESCAPE}[31m`);
  });

  it('prints no event after the end, but continues after an interruption: what the nodes do still matters', async () => {
    const { reporter, output } = report();
    const journal = clocked();
    reportJournal(reporter, { label: '0.45.0' }, journal);
    reporter.onInterrupt?.();
    journal.write({ type: 'gesture', gesture: 'deploy' });
    expect(output()).toContain('the user applied');
    await reporter.onEnd?.([]);
    const printed = output();
    journal.write(ALL_GONE);
    expect(output()).toBe(printed);
  });
});

describe.each([false, true])('with a TTY: %s', (tty) => {
  it('prints no control characters of the journal', async () => {
    const { output, reporter } = report({ tty });
    const journal = clocked();
    reportJournal(reporter, { label: 'a\u001b[31mb' }, journal);
    journal.write(started({ scenario: 'bad\u001b]0;title\u0007' }));
    journal.write({ type: 'step-started', step: 'step\u001b[2J', index: 0 });
    journal.write({ ...ALL_GONE, deleted: ['topic\u001b[1A'] });
    for (const body of LOST) journal.write(body);
    await reporter.onEnd?.([
      {
        label: 'a\u001b[31mb',
        events: journal.events(),
        kept: undefined,
        results: undefined,
        exitCode: 1,
        baseline: undefined,
      },
    ]);
    const printed = output().replaceAll(new RegExp(`${ESCAPE}\\[\\d+A\\r${ESCAPE}\\[J`, 'g'), '');
    expect(printed).not.toContain('\u001b');
    expect(printed).not.toContain('\u0007');
    expect(printed).toContain('topic\\u001b[1A');
  });
});

describe('on a TTY', () => {
  it('keeps one live line per run with its current step, below the losses', () => {
    const { reporter, output } = report({ tty: true });
    const [old, fixed] = [clocked(), clocked()];
    reportJournal(reporter, { label: '0.45.0' }, old);
    reportJournal(reporter, { label: '0.45.1' }, fixed);
    old.write({ type: 'step-started', step: 'migrate again', index: 3 });
    fixed.write({ type: 'step-started', step: 'roll back', index: 2 });
    fixed.write({ type: 'state-changed', from: 'KRaftDualWriting', to: 'ZooKeeper', annotation: 'disabled' });
    old.write(ALL_GONE);
    fixed.write({ type: 'gesture', gesture: 'deploy' });
    expect(screen(output())).toEqual([
      '[0.45.0]    1.0 s  LOSS: 2 topics vanished from ZooKeeper: orders, payments; none is left',
      expect.stringMatching(/^0\.45\.0 {4}1\.0 s {2}migrate again \| LOSS: /),
      '0.45.1    1.5 s  roll back | ZooKeeper | the user applied the broker pool an...',
      '',
    ]);
  });

  it('prints a notice above the live lines, and without a TTY as a line of its own', () => {
    const live = report({ tty: true });
    const journal = clocked();
    reportJournal(live.reporter, { label: '0.45.0' }, journal);
    journal.write({ type: 'step-started', step: 'deploy', index: 0 });
    live.reporter.onNotice?.('0.45.0: another guardian was started');
    journal.write({ type: 'step-started', step: 'migrate', index: 1 });
    expect(screen(live.output())).toEqual([
      '0.45.0: another guardian was started',
      expect.stringMatching(/^0\.45\.0 {4}1\.0 s {2}migrate/),
      '',
    ]);
    const plain = report();
    plain.reporter.onNotice?.('another guardian was started');
    expect(plain.output()).toBe('another guardian was started\n');
  });

  it('cuts a live line to the width of the terminal', () => {
    const { reporter, output } = report({ tty: true, columns: 40 });
    const journal = clocked();
    reportJournal(reporter, { label: '0.45.0' }, journal);
    journal.write({ type: 'gesture', gesture: 'deploy' });
    const live = screen(output()).at(-2) ?? '';
    expect(live).toHaveLength(39);
    expect(live).toMatch(/\.\.\.$/);
  });

  it.each([
    ['ended', (reporter: Reporter) => reporter.onEnd?.([])],
    ['interrupted', (reporter: Reporter) => reporter.onInterrupt?.()],
  ])('leaves only what has been printed when it is %s, and draws no more', async (_, end) => {
    const { reporter, output } = report({ tty: true });
    const journal = clocked();
    reportJournal(reporter, { label: '0.45.0' }, journal);
    journal.write({ type: 'gesture', gesture: 'deploy' });
    journal.write({ type: 'step-ended', step: 'deploy', outcome: 'passed' });
    await end(reporter);
    journal.write({ type: 'gesture', gesture: 'deploy' });
    expect(screen(output())).toEqual(['[0.45.0]    1.0 s  deploy: passed', '']);
  });
});
