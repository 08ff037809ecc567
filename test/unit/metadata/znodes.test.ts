import { describe, expect, it } from '@jest/globals';
import { EnvironmentError } from '../../../src/errors.js';
import {
  isKraftController,
  migrationPhase,
  parseController,
  readController,
  readMigration,
} from '../../../src/metadata/zookeeper/znodes.js';

function value(offset: number): string {
  return `{"version":0,"kraft_metadata_offset":${offset},"kraft_controller_id":1,"kraft_metadata_epoch":2,"kraft_controller_epoch":3}`;
}

describe('/migration', () => {
  it('is read as Kafka writes it', () => {
    expect(readMigration(value(566))).toEqual({
      version: 0,
      kraft_metadata_offset: 566,
      kraft_controller_id: 1,
      kraft_metadata_epoch: 2,
      kraft_controller_epoch: 3,
    });
  });

  it.each(['', 'nonsense', 'null', '7', '{}', '{"kraft_metadata_offset":"1"}'])('is not "%s"', (text) => {
    expect(readMigration(text)).toBeUndefined();
    expect(migrationPhase(text)).toBe('initial');
  });

  it.each([
    [-1, 'initial'],
    [0, 'initial'],
    [1, 'copied'],
  ])('with offset %d is %s', (offset, phase) => {
    expect(migrationPhase(value(offset))).toBe(phase);
  });
});

describe('/controller', () => {
  it('belongs to a KRaft controller if it has a KRaft controller epoch', () => {
    const controller = readController('{"version":2,"brokerid":1,"timestamp":"0","kraftControllerEpoch":4}');
    expect(controller).toEqual({ brokerid: 1, kraftControllerEpoch: 4 });
    expect(controller !== undefined && isKraftController(controller)).toBe(true);
  });

  it.each(['{"version":2,"brokerid":0,"timestamp":"0","kraftControllerEpoch":-1}', '{"version":1,"brokerid":0}'])(
    'belongs to a broker without one: %s',
    (text) => {
      const controller = readController(text);
      expect(controller).toEqual({ brokerid: 0, kraftControllerEpoch: -1 });
      expect(controller !== undefined && isKraftController(controller)).toBe(false);
    },
  );

  it.each(['', 'nonsense', 'null', '{}', '{"brokerid":"0"}'])('is not "%s"', (text) => {
    expect(readController(text)).toBeUndefined();
    expect(() => parseController('/controller', text)).toThrow(EnvironmentError);
    expect(() => parseController('/controller', text)).toThrow(
      /^The znode \/controller does not hold what Kafka writes there: .*\. It holds "/,
    );
  });
});
