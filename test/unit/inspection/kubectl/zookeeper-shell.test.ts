import { describe, expect, it } from '@jest/globals';
import { readGet, readList } from '../../../../src/inspection/kubectl/zookeeper-shell.js';

/** As Kafka 3.9.0's zookeeper-shell.sh prints it, together with its standard error. */
const HEAD = 'Connecting to localhost:12181\n\nWATCHER::\n\nWatchedEvent state:SyncConnected type:None path:null\n';
const CONTENT =
  '{"version":0,"kraft_metadata_offset":566,"kraft_controller_id":1,"kraft_metadata_epoch":1,"kraft_controller_epoch":1}';
const STAT = [
  'cZxid = 0x42',
  'ctime = Tue Nov 24 10:00:20 UTC 2026',
  'mZxid = 0x43',
  'mtime = Tue Nov 24 10:00:21 UTC 2026',
  'pZxid = 0x42',
  'cversion = 0',
  'dataVersion = 1',
  'aclVersion = 0',
  'ephemeralOwner = 0x0',
  'dataLength = 117',
  'numChildren = 0',
].join('\n');

describe('the output of zookeeper-shell.sh', () => {
  it('of a znode is its content and its stat', () => {
    expect(readGet(`${HEAD}${CONTENT}\n${STAT}\n`, '/migration')).toEqual({
      data: CONTENT,
      stat: { ctime: Date.parse('2026-11-24T10:00:20Z'), ephemeralOwner: undefined },
    });
  });

  it('of an ephemeral one names its owner', () => {
    const text = `${HEAD}{}\n${STAT.replace('ephemeralOwner = 0x0', 'ephemeralOwner = 0x1000123abcd0001')}\n`;
    expect(readGet(text, '/controller')?.stat.ephemeralOwner).toBe('0x1000123abcd0001');
  });

  it('of a znode that does not exist says so', () => {
    expect(readGet(`${HEAD}Node does not exist: /migration\n`, '/migration')).toBeUndefined();
    expect(() => readGet(`${HEAD}Node does not exist: /else\n`, '/migration')).toThrow('Node does not exist: /else');
  });

  it.each([
    ['nothing', '', 'not the output of zookeeper-shell.sh for /migration: nothing'],
    ['an error of kubectl', 'Error from server (NotFound): pods "x" not found', 'pods "x" not found'],
    ['a stat without a content', STAT, 'not the output of zookeeper-shell.sh for /migration'],
    [
      'a date in an unknown time zone',
      `${CONTENT}\n${STAT.replaceAll('UTC', 'XYZ')}`,
      'not the output of zookeeper-shell.sh for /migration',
    ],
    ['a truncated stat', `${CONTENT}\n${STAT.slice(0, 60)}`, 'not the output of zookeeper-shell.sh for /migration'],
  ])('refuses %s', (_, text, why) => {
    expect(() => readGet(text, '/migration')).toThrow(why);
  });

  it('of a folder is its children', () => {
    expect(readList(`${HEAD}[__consumer_offsets, before-1]\n`, '/brokers/topics')).toEqual([
      '__consumer_offsets',
      'before-1',
    ]);
    expect(readList(`${HEAD}[]\n`, '/brokers/topics')).toEqual([]);
    expect(readList(`${HEAD}Node does not exist: /brokers/topics\n`, '/brokers/topics')).toBeUndefined();
    expect(() => readList(HEAD, '/brokers/topics')).toThrow(
      'not the output of zookeeper-shell.sh for /brokers/topics: WatchedEvent',
    );
  });
});
