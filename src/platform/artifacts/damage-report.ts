import { AppError } from '../../errors';

/** What is stored is not what was written. Unlike an outage, it does not pass: whoever runs the platform has to restore it. */
export class DamagedObjectError extends AppError {
  /** @param sha256 the object's address */
  constructor(sha256: string) {
    super('UNAVAILABLE', `the stored object ${sha256} is damaged: it has to be restored from a backup`);
  }
}

/** An object whose content is not what was stored. */
export interface Damage {
  readonly tenantId: string;
  /** Its digest, or its name. */
  readonly object: string;
}

/** Told of each damaged object that is come upon, for whoever runs the platform: the reader gets an error as well. */
export type DamageReport = (damage: Damage) => void;

export const NO_REPORT: DamageReport = () => undefined;
