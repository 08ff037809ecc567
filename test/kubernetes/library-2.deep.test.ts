import { describeRuns } from './support/inspected-runs.js';
import { DEEP_RUNS } from './support/library-runs.js';

// In three files, so that they take turns: every third run, from number 2 on.
describeRuns(DEEP_RUNS.filter((_, index) => index % 3 === 1));
