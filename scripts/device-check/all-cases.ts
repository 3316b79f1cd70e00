import { type DeviceCase } from './device-case';
import { layerCases, lossCases } from './layer-cases';
import { opCases } from './op-cases';
import { presetCases } from './preset-cases';
import { trainingCases } from './training-cases';

/** All that is compared, in order. */
export function allCases(): DeviceCase[] {
  return [...opCases(), ...layerCases(), ...lossCases(), ...presetCases(), ...trainingCases()];
}
