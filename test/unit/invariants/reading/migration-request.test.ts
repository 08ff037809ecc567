import { describe, expect, it } from '@jest/globals';
import { hasCopied, requestedMigration } from '../../../../src/invariants/reading/migration-request.js';
import { controllerValue, observe, rolledBack, Story } from '../story.js';

const annotated = (...values: readonly string[]) =>
  values.reduce((story, value) => story.gesture({ gesture: 'annotate', value }), new Story());
const pool = { gesture: 'create-controller-pool', deleteClaim: true } as const;

describe('the migration that was requested', () => {
  it.each([
    ['last', ['migration', 'rollback', 'disabled', 'migration'], 3],
    ['and finalised', ['migration', 'enabled'], 0],
  ])('is the one that the user asked for %s', (_, values, index) => {
    const { events } = annotated(...values);
    expect(requestedMigration(events)).toBe(events[index]);
  });

  it.each([
    ['nothing was set', []],
    ['a rollback was requested since', ['migration', 'rollback']],
    ['it was cancelled', ['migration', 'disabled']],
    ['the cluster was KRaft from the start', ['enabled']],
  ])('is none if %s', (_, values) => {
    expect(requestedMigration(annotated(...values).events)).toBeUndefined();
  });

  it('is no other gesture', () => {
    const story = annotated('migration').gesture({ gesture: 'deploy' });
    expect(requestedMigration(story.events)).toBe(story.events[0]);
  });
});

describe('whether it has copied', () => {
  const begun = () => new Story().controllerZnode(controllerValue(0, -1), true).gesture(pool);
  const claim = { '/controller': { value: controllerValue(1, 1), ephemeral: false } };

  it.each([
    ['a copied /migration', begun().migrationZnode(42), {}, true],
    ['a claim on /controller', begun().controllerZnode(controllerValue(1, 1), false), {}, true],
    ['a claim that is not journalled yet', begun(), claim, true],
    ['a /migration without an offset', begun().migrationZnode(-1), {}, false],
    ["a broker's /controller", begun().controllerZnode(controllerValue(0, -1), true), {}, false],
    ['a copied /migration of before', rolledBack(['/controller']).gesture(pool), {}, false],
    ['a claim of before', new Story().controllerZnode(controllerValue(1, 1), false).gesture(pool), {}, false],
    ['only changes of /migration', new Story().gesture(pool).migrationZnode(-1), {}, false],
    ['only changes of /controller', begun(), {}, false],
    ['no changes of the znodes', new Story().gesture(pool), claim, 'unknown'],
    ['no pool, and a copy', new Story().migrationZnode(42), {}, true],
    ['no pool, and a claim', new Story().controllerZnode(controllerValue(1, 1), false), {}, true],
  ] as const)('with %s', (_, story, znodes, copied) => {
    expect(hasCopied(observe(story, { znodes }))).toBe(copied);
  });
});
