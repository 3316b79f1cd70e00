import { RetrainingSchedule } from './retraining-schedule.entity';
import { Retraining } from './retraining.entity';

/** The tables of the schedules. */
export const SCHEDULE_ENTITIES = [RetrainingSchedule, Retraining];
