import { describe, expect, it } from '@jest/globals';
import { after, gestureText, listNames, logMessage, printable, seconds, timeSpan } from '../../../src/journal/text.js';

describe('times', () => {
  it.each([
    [0.045, '0.0 s'],
    [347.94, '347.9 s'],
  ])('%d is the moment %s', (t, text) => {
    expect(seconds(t)).toBe(text);
  });

  it.each([
    [0, 'immediately after'],
    [0.064, 'immediately after'],
    [0.12, '0.1 s after'],
    [9.94, '9.9 s after'],
    [62.8, '63 s after'],
  ])('%d later is %s', (difference, text) => {
    expect(after(difference)).toBe(text);
  });

  it.each([
    [29.01, 29.04, 'at 29.0 s'],
    [29.01, 29.06, 'from 29.0 s to 29.1 s'],
  ])('from %d to %d is %s', (from, to, text) => {
    expect(timeSpan(from, to)).toBe(text);
  });
});

describe('an annotation', () => {
  it.each([
    ['rollback', 'set strimzi.io/kraft to rollback'],
    ['kraft-now', 'set strimzi.io/kraft to "kraft-now", which Strimzi does not know'],
    ['', 'set strimzi.io/kraft to "", which Strimzi does not know'],
  ])('%j: %s', (value, text) => {
    expect(gestureText({ gesture: 'annotate', value })).toBe(text);
  });
});

describe('a gesture on the brokers', () => {
  it('says what was deleted and scaled', () => {
    expect(gestureText({ gesture: 'replace-broker-volume', nodeId: 2 })).toBe(
      'deleted the claim and the pod of broker 2',
    );
    expect(gestureText({ gesture: 'scale-broker-pool', replicas: 2 })).toBe('scaled the broker pool to 2');
  });
});

describe('listNames', () => {
  it('names twelve and counts the rest', () => {
    const names = Array.from({ length: 13 }, (_, i) => `t${i}`);
    expect(listNames(names.slice(0, 12))).toBe('t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11');
    expect(listNames(names)).toMatch(/, t11 and 1 more$/);
  });
});

describe('logMessage', () => {
  it('omits who logged it', () => {
    expect(logMessage('[KRaftMigrationDriver id=1] It failed. (org.apache.kafka.Driver) [controller-1-event]')).toBe(
      'It failed.',
    );
    expect(logMessage('Nothing (at all) to omit')).toBe('Nothing (at all) to omit');
  });
});

describe('printable', () => {
  it('shows what would control a terminal as text, and keeps lines, tabs and letters', () => {
    expect(printable('a\u001b[2J\u0007\r\u009b\u007f\u0000')).toBe('a\\u001b[2J\\u0007\\u000d\\u009b\\u007f\\u0000');
    expect(printable('evil\u202e\u2066\u2028\u200f')).toBe('evil\\u202e\\u2066\\u2028\\u200f');
    expect(printable('one\n\ttwo: größe, 主题, 👩‍🚀')).toBe('one\n\ttwo: größe, 主题, 👩‍🚀');
  });
});
