import { describe, expect, it } from '@jest/globals';
import { migrationPhase, parseMigrationZnode } from '../../../src/witness/migration-znode.js';

function value(offset: number): string {
  return `{"version":0,"kraft_metadata_offset":${offset},"kraft_controller_id":1,"kraft_metadata_epoch":2,"kraft_controller_epoch":3}`;
}

describe('/migration', () => {
  it('is read as Kafka writes it', () => {
    expect(parseMigrationZnode(value(566))).toEqual({
      version: 0,
      kraft_metadata_offset: 566,
      kraft_controller_id: 1,
      kraft_metadata_epoch: 2,
      kraft_controller_epoch: 3,
    });
  });

  it.each(['', 'nonsense', 'null', '7', '{}', '{"kraft_metadata_offset":"1"}'])('is not "%s"', (text) => {
    expect(parseMigrationZnode(text)).toBeUndefined();
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
