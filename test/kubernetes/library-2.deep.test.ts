import { describeRuns } from './support/inspected-runs.js';
import { deepRuns } from './support/library-runs.js';

describeRuns(deepRuns(2));
