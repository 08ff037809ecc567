import { describe, expect, it } from '@jest/globals';
import { leadingDriver } from '../../../../src/invariants/reading/driver.js';
import { Story } from '../story.js';

const ONE = 'my-cluster-controller-1';
const TWO = 'my-cluster-controller-2';

/** Two controllers that run. */
function controllers(): Story {
  return new Story().controller('PRE_MIGRATION', {}, 1).controller('PRE_MIGRATION', {}, 2);
}

/** A controller logs the state of its driver. */
const state = (driverState: string) => ({ driverState });

describe('the driver that leads', () => {
  it('is that of the controller that is not idle, whichever logged last', () => {
    const story = controllers().log('a', state('WAIT_FOR_BROKERS'), ONE).log('b', state('INACTIVE'), TWO);
    expect(leadingDriver(story.events)).toEqual({
      pod: ONE,
      state: 'WAIT_FOR_BROKERS',
      since: 1.5,
      zkMigrationState: undefined,
      error: undefined,
    });
    expect(leadingDriver(story.log('c', state('UNINITIALIZED'), TWO).events)?.pod).toBe(ONE);
  });

  it('is, of several that are not idle, the one that changed its state last', () => {
    const story = controllers().log('a', state('DUAL_WRITE'), TWO).log('b', state('DUAL_WRITE'), ONE);
    expect(leadingDriver(story.events)?.pod).toBe(ONE);
    expect(leadingDriver(story.log('c', state('DUAL_WRITE'), TWO).events)?.pod).toBe(TWO);
  });

  it('is, if all are idle, the one that changed its state last', () => {
    const story = controllers().log('a', state('INACTIVE'), TWO).log('b', state('UNINITIALIZED'), ONE);
    expect(leadingDriver(story.events)?.pod).toBe(ONE);
    expect(leadingDriver(story.log('c', state('INACTIVE'), TWO).events)?.pod).toBe(TWO);
  });

  it('has the last state, the last error and the last migration state that it logged', () => {
    const story = controllers()
      .log('first', { level: 'ERROR' })
      .log('second', { level: 'ERROR' })
      .zkMigrationState('PRE_MIGRATION')
      .zkMigrationState('MIGRATION')
      .driver('WAIT_FOR_BROKERS')
      .driver('BECOME_CONTROLLER')
      .log('a line that says nothing');
    expect(leadingDriver(story.events)).toEqual({
      pod: ONE,
      state: 'BECOME_CONTROLLER',
      since: 4,
      zkMigrationState: 'MIGRATION',
      error: { t: 2, text: 'second' },
    });
  });

  it('knows nothing of what was logged before its last start, or by another one', () => {
    const story = controllers()
      .log('before', { level: 'ERROR' })
      .zkMigrationState('MIGRATION')
      .controller('MIGRATION', {}, 1)
      .log('another', { level: 'ERROR' }, TWO)
      .driver('WAIT_FOR_BROKERS');
    expect(leadingDriver(story.events)).toMatchObject({ pod: ONE, zkMigrationState: undefined, error: undefined });
  });

  it.each([
    ['no controller runs', new Story().driver('DUAL_WRITE')],
    ['the controller was stopped', controllers().driver('DUAL_WRITE').stop(ONE)],
    ['the controller was started again', controllers().driver('DUAL_WRITE').controller('MIGRATION', {}, 1)],
    ['no controller has logged its state', controllers().log('an error', { level: 'ERROR' })],
    ['only a broker has logged it', new Story().broker('ZK').log('a', state('DUAL_WRITE'), 'my-cluster-broker-0')],
  ])('is not known if %s', (_, story) => {
    expect(leadingDriver(story.events)).toBeUndefined();
  });
});
