import { describeKills } from './support/kills.js';

// One for each signal; kills.deep.test.ts has more.
describeKills(3);
