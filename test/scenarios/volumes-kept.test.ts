import { describeVolumesKept } from './volumes-kept.js';

describeVolumesKept(['0.45.0', '0.45.1'], ['0.45.0', '0.45.1']);
