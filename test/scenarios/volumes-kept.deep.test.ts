import { describeVolumesKept } from './volumes-kept.js';

describeVolumesKept(['0.45.2'], []);
