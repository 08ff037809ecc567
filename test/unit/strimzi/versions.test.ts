import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/errors.js';
import { compareVersions, protocolVersion } from '../../../src/strimzi/versions.js';

describe('compareVersions', () => {
  it('orders by number, and a candidate before its release', () => {
    const versions = ['0.45.10', '0.45.2', '0.45.1', '0.46.0', '0.45.1-rc2', '0.45.1-rc1', '1.0.0'];
    expect(versions.toSorted(compareVersions)).toEqual([
      '0.45.1-rc1',
      '0.45.1-rc2',
      '0.45.1',
      '0.45.2',
      '0.45.10',
      '0.46.0',
      '1.0.0',
    ]);
    expect(compareVersions('3.9.0', '3.9.0')).toBe(0);
  });

  it.each(['', '0.45', 'latest', '0.45.x', '0.45.1.2'])('refuses "%s"', (version) => {
    expect(() => compareVersions(version, '0.45.1')).toThrow(UsageError);
  });
});

it.each([
  ['3.8.1', '3.8'],
  ['3.9.0', '3.9'],
  ['3.9.2', '3.9'],
  ['3.10.0', '3.10'],
])('the protocol version of Kafka %s is %s', (kafka, protocol) => {
  expect(protocolVersion(kafka)).toBe(protocol);
});
