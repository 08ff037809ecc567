import { describeRuns } from './support/inspected-runs.js';
import { QUICK_RUNS } from './support/library-runs.js';

describeRuns(QUICK_RUNS);
