import { expect, it } from '@jest/globals';
import { shippedScenarios } from '../../../src/scenario/load.js';
import { LIBRARY } from '../../support/library.js';

it('no shipped scenario is missing in the table of ends, which every environment is held against', async () => {
  expect(LIBRARY.map(({ scenario }) => scenario).toSorted()).toEqual((await shippedScenarios()).toSorted());
});
