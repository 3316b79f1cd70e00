import { type Suite } from './suite';
import { suite as ads } from './ads';
import { suite as batch } from './batch';
import { suite as data } from './data';
import { suite as demand } from './demand';
import { suite as objects } from './objects';
import { suite as quality } from './quality';
import { suite as queue } from './queue';
import { suite as reasons } from './reasons';
import { suite as recommendations } from './recommendations';
import { suite as serving } from './serving';
import { suite as training } from './training';

/** What can be measured, by the name that the command line gives. */
export const SUITES: Readonly<Record<string, Suite>> = {
  ads,
  batch,
  data,
  demand,
  objects,
  quality,
  queue,
  reasons,
  recommendations,
  serving,
  training,
};
