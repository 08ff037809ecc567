import { describeRuns } from './support/inspected-runs.js';
import { DEEP_RUNS } from './support/library-runs.js';

// The runs are in three files, so that CI can rotate them: this file has every third run, starting with number 2.
describeRuns(DEEP_RUNS.filter((_, index) => index % 3 === 1));
