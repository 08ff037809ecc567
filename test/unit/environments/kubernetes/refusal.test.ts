import { describe, expect, it } from '@jest/globals';
import { describeFailure, isRefusal } from '../../../../src/environments/kubernetes/refusal.js';

const UNSUPPORTED = {
  reason: 'UnsupportedKafkaVersionException',
  message: 'Unsupported Kafka.spec.kafka.version: 9.9.9',
};

describe('a permanent refusal', () => {
  it('is a Kafka version that the operator does not support, in several passes', () => {
    expect(isRefusal({ ...UNSUPPORTED, passes: 3 })).toBe(true);
    expect(isRefusal({ ...UNSUPPORTED, passes: 2 })).toBe(false);
  });

  it('is not a failure that a later pass may not repeat, however often it occurred', () => {
    for (const reason of ['InvalidResourceException', 'InvalidConfigurationException', 'TimeoutException']) {
      expect(isRefusal({ reason, message: 'the same', passes: 99 })).toBe(false);
    }
    expect(isRefusal(undefined)).toBe(false);
  });
});

it('a failure is described with its reason, and its message if it has one', () => {
  expect(describeFailure(UNSUPPORTED)).toBe(
    'the last pass failed with UnsupportedKafkaVersionException: Unsupported Kafka.spec.kafka.version: 9.9.9',
  );
  expect(describeFailure({ reason: 'NullPointerException' })).toBe('the last pass failed with NullPointerException');
});
