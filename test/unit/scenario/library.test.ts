import { expect, it } from '@jest/globals';
import { shippedScenarios } from '../../../src/scenario/load.js';
import { LIBRARY } from '../../support/library.js';

it('every shipped scenario is in LIBRARY, with which the runs in every environment are compared', async () => {
  expect(LIBRARY.map(({ scenario }) => scenario).toSorted()).toEqual((await shippedScenarios()).toSorted());
});
