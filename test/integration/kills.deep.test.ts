import { describeKills } from './support/kills.js';

describeKills(20);
