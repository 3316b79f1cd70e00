export { defineDomain } from './define-domain';
export { type DomainDefinition, type GeneratedData, type GenerateOptions, type ResolverClass } from './types';
export { DAY, HOUR, MINUTE, SECOND, atTypicalHour, hourOfDay, isWeekend } from './simulation/calendar';
export { type Cell, type LoggedEvent, type Timeline, eventLog } from './simulation/event-log';
export { type Mess } from './simulation/mess';
export { Random, round, sigmoid } from './simulation/random';
