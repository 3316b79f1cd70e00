import { type PriorStrengthService } from './prior-strength.service';
import { type SegmentCalibrationService } from './segment-calibration.service';

/** What the held-out predictions of a version say of the rates that it answers, for decisions that rest on them. */
export class HeldOutRatesService {
  constructor(
    readonly calibrations: Pick<SegmentCalibrationService, 'offered'>,
    readonly strengths: Pick<PriorStrengthService, 'of'>,
  ) {}
}
