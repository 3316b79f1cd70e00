import { Alert } from './alert.entity';
import { StoredDrift } from './drift-report.entity';

/** The tables of the monitoring. */
export const MONITORING_ENTITIES = [Alert, StoredDrift];
